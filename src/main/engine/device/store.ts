import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { UPDATE_STATES } from './state-machine.ts'

const slotName = z.enum(['A', 'B'])

const slotRecord = z.object({
  artifactName: z.string().nullable(),
  condition: z.enum(['writing', 'written', 'failed', 'idle', 'empty']),
  writtenBytes: z.number(),
})

/** The update in progress: enough to go on after a restart, whenever it comes. */
const updateRecord = z.object({
  deploymentId: z.string(),
  artifactName: z.string(),
  uri: z.string(),
  state: z.enum(UPDATE_STATES),
  /** Why the update fails; null while it does not. The first reason stays. */
  failure: z.string().nullable(),
  payloadType: z.string().nullable(),
  needsReboot: z.boolean(),
  canRollBack: z.boolean(),
  hasRebooted: z.boolean(),
  previousSlot: slotName,
  targetSlot: slotName,
  provides: z.record(z.string(), z.string()),
  clearsProvides: z.array(z.string()),
})
export type UpdateRecord = z.infer<typeof updateRecord>

const deviceRecord = z.object({
  artifactName: z.string(),
  /** What the device says of itself besides artifact_name and device_type. */
  provides: z.record(z.string(), z.string()),
  slots: z.object({ A: slotRecord, B: slotRecord }),
  update: updateRecord.nullable(),
})
export type DeviceRecord = z.infer<typeof deviceRecord>

/** The change of a record that changes one slot. */
export function withSlot(record: DeviceRecord, slot: 'A' | 'B', changes: Partial<DeviceRecord['slots']['A']>): Pick<DeviceRecord, 'slots'> {
  return { slots: { ...record.slots, [slot]: { ...record.slots[slot], ...changes } } }
}

/** The client's store on the data partition: the one file that says where an update stands. */
export class DeviceStore {
  readonly #files: Files
  readonly #path: string
  #record: DeviceRecord

  private constructor(files: Files, path: string, record: DeviceRecord) {
    this.#files = files
    this.#path = path
    this.#record = record
  }

  /** Reads the store, or makes it with `factory` at the first start. */
  static async open(files: Files, path: string, factory: () => Promise<DeviceRecord>): Promise<DeviceStore> {
    if (!(await files.stat(path))) {
      const record = await factory()
      await writeAtomic(files, path, encode(record))
      return new DeviceStore(files, path, record)
    }
    const parsed = deviceRecord.safeParse(decode(await readWhole(files, path)))
    if (!parsed.success)
      throw new AppError('INTERNAL', `${path} is not the store of a simulated device`, 'Remove the device and make it anew.', parsed.error)
    return new DeviceStore(files, path, parsed.data)
  }

  get record(): DeviceRecord {
    return this.#record
  }

  /** Changes the record and puts it on the medium. The record in memory changes only when that succeeded. */
  async save(changes: Partial<DeviceRecord>): Promise<void> {
    const record = { ...this.#record, ...changes }
    await writeAtomic(this.#files, this.#path, encode(record))
    this.#record = record
  }
}

function encode(record: DeviceRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(record, null, 1)}\n`)
}

function decode(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}
