import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { readChunks } from '../lib/file-streams.ts'
import type { SlotName } from './bootloader.ts'

/** A slot's partition as a file: always `slotSizeBytes` long, and sparse where nothing was written. */
export function slotPath(folder: string, slot: SlotName): string {
  return `${folder}/slot-${slot.toLowerCase()}.img`
}

/**
 * Writes an image into a slot as it arrives and returns its length; on the medium when this returns.
 * BAD_INPUT when it does not fit, and then the slot holds the part that did.
 */
export async function writeSlot(
  files: Files,
  path: string,
  content: AsyncIterable<Uint8Array>,
  limits: { slotSizeBytes: number; onWritten: (bytes: number) => void },
): Promise<number> {
  await using file = await files.open(path, 'edit')
  await file.truncate(0)
  let position = 0
  for await (const chunk of content) {
    if (position + chunk.length > limits.slotSizeBytes)
      throw new AppError(
        'BAD_INPUT',
        `The image is larger than the slot of ${limits.slotSizeBytes} bytes`,
        'Make a smaller root file system.',
      )
    await file.write(chunk, position)
    position += chunk.length
    limits.onWritten(position)
  }
  await file.truncate(limits.slotSizeBytes)
  await file.sync()
  return position
}

/** Makes the two slots of a new device. Slot A gets the factory image, or the superblock of an ext4 and nothing else. */
export async function makeSlots(files: Files, folder: string, slotSizeBytes: number, imagePath: string | null): Promise<number> {
  const limits = { slotSizeBytes, onWritten: () => undefined }
  await writeSlot(files, slotPath(folder, 'B'), noContent(), limits)
  if (imagePath === null) return writeSlot(files, slotPath(folder, 'A'), bareSuperblock(), limits)
  await using image = await files.open(imagePath, 'read')
  return await writeSlot(files, slotPath(folder, 'A'), readChunks(image), limits)
}

async function* noContent(): AsyncGenerator<Uint8Array> {}

async function* bareSuperblock(): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(2048)
  new DataView(bytes.buffer).setUint16(1080, 0xef53, true)
  yield bytes
}
