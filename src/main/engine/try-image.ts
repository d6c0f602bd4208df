import { basename } from 'node:path'
import type { TriedImage } from '../contract/boards.ts'
import { AppError } from '../contract/errors.ts'
import { buildParts } from './board-parts.ts'
import { cardPathIn, packagesIn, ubootPathIn } from './boards/boards.ts'
import { BUILD_STEPS, bootLoader } from './boards/build.ts'
import { refuseUnstartable } from './boards/can-start.ts'
import { requireQemu } from './boards/qemu-process.ts'
import { requireDisk } from './boards/room.ts'
import { newMac } from './create-board.ts'
import type { HostFile } from './host.ts'
import type { JobContext } from './jobs/runner.ts'
import { copyFile, readChunks, replaceFile } from './lib/file-streams.ts'
import { readerOf, writeSparse } from './lib/image-file.ts'
import type { EngineParts } from './parts.ts'

/**
 * Starts the job that boots a copy of a card image, packed or not; answers its id. CONFLICT for a name that is taken, NOT_FOUND, BAD_INPUT
 * for an artifact.
 */
export async function tryImage(wish: TriedImage, parts: EngineParts): Promise<string> {
  const { boards, jobs, unpacked } = parts
  const { name, image, isOn } = wish
  boards.requireFree(name)
  const { format } = await unpacked.rawPath(image)
  if (format === 'artifact') throw noCard(image)
  const steps = ['Image', ...BUILD_STEPS, ...(isOn ? ['Start'] : [])]
  const locks = [`board:${name}`, ...(format === 'raw' ? [] : ['unpacked image'])]
  const started = jobs.start({ kind: 'board-try', title: `Try ${basename(image)} as ${name}`, steps, locks }, (job) =>
    tryOut(job, wish, parts),
  )
  return started.id
}

async function tryOut(job: JobContext, wish: TriedImage, parts: EngineParts): Promise<void> {
  const { host, boards, boardFolder, unpacked } = parts
  const { name, memoryMiB, silenceSeconds } = wish
  await requireQemu(host)
  job.step('Image')
  const onProgress = (done: number, total: number | null) => job.progress(done, total, 'bytes')
  const path = await unpacked.of(wish.image, { signal: job.signal, onProgress })
  await using image = await host.files.open(path, 'read')
  const sizeBytes = await image.sizeBytes()
  await refuseUnstartable({ read: readerOf(image), sizeBytes, name: basename(wish.image) })
  const folder = `${boardFolder}/${name}`
  await host.files.remove(folder)
  try {
    const ubootPath = await bootLoader(job, buildParts(host), packagesIn(boardFolder))
    job.step('Card')
    await host.files.makeFolder(folder)
    await requireDisk(host.machine, { path: folder, name, growthBytes: sizeBytes })
    await copyFile(host.files, ubootPath, ubootPathIn(folder), job.signal)
    await replaceFile(host.files, cardPathIn(folder), (to) => writeSparse(to, watched(job, image, sizeBytes)))
    const made = { name, mac: newMac(), memoryMiB, silenceMs: silenceSeconds * 1000, serverUrl: null, hostKey: null }
    await boards.add({ ...made, createdAt: host.clock.now() })
  } catch (thrown) {
    await host.files.remove(folder)
    throw thrown
  }
  if (!wish.isOn) return
  job.step('Start')
  await boards.power(name, 'on')
}

function noCard(image: string): AppError {
  const hint = 'Add it to the library, and deploy it to a virtual board.'
  return new AppError('BAD_INPUT', `${basename(image)} is an artifact and no card image`, hint)
}

/** The bytes of the image, as far as the job is not given up. */
async function* watched({ signal, progress }: JobContext, image: HostFile, totalBytes: number): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of readChunks(image)) {
    signal.throwIfAborted()
    yield chunk
    progress((done += chunk.length), totalBytes, 'bytes')
  }
}
