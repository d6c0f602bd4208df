import { ftruncateSync, openSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { COMPRESSION_IDS } from '../../contract/compression.ts'
import { peakMemoryMiB } from './peak-memory.cases.ts'
import { limitsWith } from './limits.ts'
import { checkArtifact } from './read.ts'
import { moduleSpec, payload } from './samples.cases.ts'
import { writeArtifact } from './write.ts'

// Started by memory.test.ts: writes and reads an artifact of a large, mostly empty image, and says how much memory that took.

const MiB = 1 << 20
const [, , work, folder, compression] = process.argv
const path = `${folder}/image`
const SIZE_BYTES = 1024 * MiB
const ZEROS = new Uint8Array(MiB)

async function* chunks(handle: FileHandle): AsyncGenerator<Uint8Array, void, void> {
  const chunk = new Uint8Array(256 * 1024)
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}

async function write(): Promise<void> {
  const image = openSync(path, 'w')
  // A little of everything, so that not every block takes the short way of zeros.
  for (let at = 0; at < 32; at += 1)
    writeSync(
      image,
      new Uint8Array(MiB).map((_, index) => (index * at) >> 3),
      0,
      MiB,
      at * 32 * MiB,
    )
  ftruncateSync(image, SIZE_BYTES)
  await using source = await open(path)
  await using target = await open(`${folder}/artifact.mender`, 'w')
  const files = [{ ...payload('image', new Uint8Array(0)), sizeBytes: SIZE_BYTES, chunks: () => chunks(source) }]
  const spec = moduleSpec({
    payloadType: 'rootfs-image',
    checksumProvide: 'rootfs-image.checksum',
    compression: COMPRESSION_IDS.find((id) => id === compression) ?? 'none',
    files,
  })
  const stamp = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }
  const sink = {
    write: async (bytes: Uint8Array, position: number) => {
      // Zeros at the end of a hole need not be kept for this test; the disk stays small.
      if (compression !== 'none' || Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) !== 0)
        await target.write(bytes, 0, bytes.length, position)
    },
  }
  const { sizeBytes } = await writeArtifact(spec, sink, { stamp })
  await target.truncate(sizeBytes)
}

async function read(): Promise<void> {
  await using source = await open(`${folder}/artifact.mender`)
  // The image is one that packs well.
  await checkArtifact(chunks(source), { limits: limitsWith({ allowExpansion: true }) })
}

const before = peakMemoryMiB()
await (work === 'write' ? write() : read())
console.log(Math.round(peakMemoryMiB() - before))
