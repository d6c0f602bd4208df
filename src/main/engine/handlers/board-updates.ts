import { BOARD_DEVICE_TYPE, type UpdateKind } from '../../contract/boards.ts'
import { newArtifact } from '../../contract/new-artifact.ts'
import { writeArtifact } from '../artifact/write.ts'
import { buildParts } from '../board-parts.ts'
import { packagesIn, updatesIn } from '../boards/boards.ts'
import { BUILD_STEPS, buildRootfs } from '../boards/build.ts'
import { STAMP, specOfNew } from '../packing/new-artifact.ts'
import type { EngineParts } from '../parts.ts'
import { refuseKey, startWriting } from './artifact-writing.ts'

const ROOTFS_STEPS = BUILD_STEPS.filter((step) => step !== 'Card')

interface Wish {
  artifactName: string
  kind: UpdateKind
}

/** Starts the job that makes an update for boards, and takes it into the library. */
export function makeUpdate(
  { artifactName, kind, keyId }: Wish & { keyId: string | null },
  parts: EngineParts,
): { id: string; jobId: string } {
  const { host, boardFolder, newId } = parts
  refuseKey(keyId, parts)
  const folder = `${updatesIn(boardFolder)}/${newId()}`
  const request = {
    kind: 'board-update',
    title: `Make the update ${artifactName}`,
    steps: [...ROOTFS_STEPS, 'Write'],
    keyId,
    repeatable: 'anywhere',
  } as const
  return startWriting(request, parts, async (job, file, signer) => {
    try {
      await host.files.makeFolder(folder)
      const into = { cacheFolder: packagesIn(boardFolder), path: `${folder}/rootfs.ext4` }
      const { path, scripts, sizeBytes } = await buildRootfs(job, buildParts(host), { artifactName, kind }, into)
      job.step('Write')
      const what = { kind: 'rootfs-image', paths: [path], scripts: [...scripts], compression: 'gzip' } as const
      const input = newArtifact.parse({ ...what, name: artifactName, deviceTypes: [BOARD_DEVICE_TYPE], keyId })
      const { spec } = await specOfNew(input, host.files)
      const onProgress = (done: number) => job.progress(done, sizeBytes, 'bytes')
      return await writeArtifact(spec, file, { stamp: STAMP, signer, signal: job.signal, onProgress })
    } finally {
      await host.files.remove(folder)
    }
  })
}

/** Starts the job that writes a root file system for boards into a file. */
export function writeRootfs({ path, ...wish }: Wish & { path: string }, parts: EngineParts): { jobId: string } {
  const request = { kind: 'board-rootfs', title: `Make ${path}`, steps: ROOTFS_STEPS, locks: [path] }
  const started = parts.jobs.start(request, (job) =>
    buildRootfs(job, buildParts(parts.host), wish, { cacheFolder: packagesIn(parts.boardFolder), path }),
  )
  return { jobId: started.id }
}
