import { AppError } from '../../contract/errors.ts'
import { applyPatch } from '../artifact/delta/apply-patch.ts'
import { DELTA_PAYLOAD } from '../artifact/delta/patch-format.ts'
import { limitsWith } from '../artifact/limits.ts'
import { type ReadArtifact, readArtifact } from '../artifact/read.ts'
import { downloadArtifact } from './download.ts'
import type { Machine } from './machine.ts'
import { whyNotCompatible } from './provides.ts'
import { slotPath, writeSlot } from './slots.ts'
import { type UpdateRecord, withSlot } from './store.ts'

export const ROOTFS_IMAGE = 'rootfs-image'

/** The stock update modules that can undo what they did; none of them needs a reboot. */
const MODULES_WITH_ROLLBACK = ['single-file', 'directory', 'docker']

/** How a kind of payload takes effect on a simulated device. */
export function traitsOf(payloadType: string | null): Pick<UpdateRecord, 'needsReboot' | 'canRollBack'> {
  if (payloadType === ROOTFS_IMAGE || payloadType === DELTA_PAYLOAD) return { needsReboot: true, canRollBack: true }
  return { needsReboot: false, canRollBack: payloadType === null || MODULES_WITH_ROLLBACK.includes(payloadType) }
}

/** Where the files of a module-image are kept: a virtual device runs no update module. */
export function moduleFolder(machine: Machine): string {
  return `${machine.options.folder}/module-files`
}

/**
 * Downloads and checks an artifact, writing the payload where it belongs while it arrives: a root file system into the target slot,
 * also when it is made out of the running one, other files into a folder. Nothing is written of an artifact that is not for this device or, when the device has verification
 * keys, is not signed with one of them. Throws the reason as an AppError.
 */
export async function receiveArtifact(machine: Machine, update: UpdateRecord, signal: AbortSignal): Promise<ReadArtifact> {
  const { options, host, store } = machine
  const keys = options.verificationKeys()
  const { artifactName, provides } = store.record
  let payloadType: string | null = null
  await host.files.remove(moduleFolder(machine))
  return readArtifact(downloadArtifact(machine, update.uri, signal), {
    keys,
    requireSignature: keys.length > 0,
    signal,
    // As the real client: how far an artifact may expand was for the server to say.
    limits: limitsWith({ allowExpansion: true }),
    onHeader: (header) => {
      const refusal = whyNotCompatible(header, { deviceType: options.deviceType, artifactName, provides })
      if (refusal !== null) throw new AppError('ARTIFACT_INVALID', refusal, 'Write an artifact for this device, or deploy it to others.')
      payloadType = header.payloadType
    },
    onPayloadFile: (file, content) => {
      if (payloadType === ROOTFS_IMAGE) return writeTarget(machine, update, content)
      return payloadType === DELTA_PAYLOAD ? rebuildTarget(machine, update, content) : keepFile(machine, file.name, content)
    },
  })
}

async function rebuildTarget(machine: Machine, update: UpdateRecord, patch: AsyncIterable<Uint8Array>): Promise<void> {
  await using running = await machine.host.files.open(slotPath(machine.options.folder, update.previousSlot), 'read')
  await writeTarget(machine, update, applyPatch(patch, running))
}

async function writeTarget(machine: Machine, update: UpdateRecord, content: AsyncIterable<Uint8Array>): Promise<void> {
  const { options, host, store } = machine
  await store.save(withSlot(store.record, update.targetSlot, { artifactName: null, condition: 'writing', writtenBytes: 0 }))
  machine.writtenBytes = 0
  await writeSlot(host.files, slotPath(options.folder, update.targetSlot), content, {
    slotSizeBytes: options.slotSizeBytes,
    onWritten: (bytes) => {
      machine.writtenBytes = bytes
      machine.changes.bump()
    },
  })
}

async function keepFile(machine: Machine, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const folder = moduleFolder(machine)
  await machine.host.files.makeFolder(folder)
  await using file = await machine.host.files.open(`${folder}/${name}`, 'create')
  let position = 0
  for await (const chunk of content) {
    await file.write(chunk, position)
    position += chunk.length
  }
  await file.sync()
}
