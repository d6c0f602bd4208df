import { z } from 'zod'
import { boardName } from './boards.ts'
import { failure } from './errors.ts'
import { journalFacts } from './journal.ts'
import { call, id, instant, live, localAsk, localCall, nothing, part, partStream } from './operations.ts'
import { sshHop } from './provision.ts'
import { lineSettings } from './serial.ts'
import { path } from './sizes.ts'

/** A console of a board, held open by the engine: whoever looks at it may leave and come back. */
export const boardConsole = z.object({
  id,
  kind: z.enum(['serial', 'ssh', 'board', 'journal']),
  /** `/dev/ttyUSB0`, `pi@192.168.7.21`, the name of a virtual board. */
  place: z.string(),
  /** `away`: the port was pulled, or the virtual board is off; it is opened again when it is back. */
  state: z.enum(['open', 'away', 'ended']),
  /** Why it is away or has ended; null when the other end has closed it. */
  why: failure.nullable(),
  /** Of a serial port. */
  settings: lineSettings.nullable(),
  /** Of a log that is followed, while it is. */
  journal: journalFacts.nullable(),
  canBreak: z.boolean(),
  canSendFiles: z.boolean(),
  /** The job that types at present: a file on its way, or the search for the rate. */
  jobId: id.nullable(),
  /** The device that it is the console of, as far as anybody said so. */
  deviceId: id.nullable(),
  openedAt: instant,
  receivedBytes: z.number().int(),
})
export type BoardConsole = z.infer<typeof boardConsole>

/** What is seen on a console; bytes travel as base64. */
export const consoleEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('output'), data: z.string(), at: instant }),
  /** So many bytes came faster than they were read. */
  z.object({ kind: z.literal('skipped'), bytes: z.number().int() }),
])
export type ConsoleEvent = z.infer<typeof consoleEvent>

/** A log file: every line with its time. */
export const consoleLog = z.object({ name: z.string(), path: z.string(), sizeBytes: z.number().int(), modifiedAt: instant })
export type ConsoleLog = z.infer<typeof consoleLog>

const size = { columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) }
const deviceId = id.nullable().default(null)

/** Consoles of boards, whatever the road to them. */
export const consoles = {
  list: live(nothing, z.array(boardConsole)),
  /** A port that is open already answers with its console. NOT_FOUND, PERMISSION, PORT_IN_USE by whom. */
  openSerial: call(z.object({ path: z.string().min(1).max(4096), settings: lineSettings.prefault({}), deviceId }), z.object({ id })),
  /** A shell through the jump hosts in front. LOGIN_REFUSED, HOST_KEY_CHANGED with both fingerprints. What is typed as password is kept nowhere. */
  openSsh: localCall(z.object({ hops: z.array(sshHop).min(1).max(5), ...size, deviceId }), z.object({ id })),
  /**
   * The log of a device's Mender client over SSH, beginning with so many lines that are there already: the journal and how the services
   * are, or a log file where there is no journal. PERMISSION and NOT_FOUND when neither can be read; else as `openSsh`.
   */
  openJournal: localCall(
    z.object({ hops: z.array(sshHop).min(1).max(5), deviceId: id, lines: z.int().min(0).max(10_000).default(200) }),
    z.object({ id }),
  ),
  /** The serial console of a virtual board. NOT_FOUND; CONFLICT while it is off. */
  openBoard: call(z.object({ name: boardName }), z.object({ id })),
  /** What was printed, as far as it is kept, and then what comes; ends when the console is closed. */
  attach: partStream(z.object({ id }), consoleEvent),
  type: part(z.object({ id, data: z.base64().max(1 << 20) }), nothing),
  resize: part(z.object({ id, ...size }), nothing),
  sendBreak: call(z.object({ id }), nothing),
  setLine: call(z.object({ id, settings: lineSettings }), nothing),
  /** A job: types Enter at one rate after the other, until what comes back makes sense. */
  findBaudRate: call(z.object({ id }), z.object({ jobId: id })),
  /** A job: puts a file of the engine's machine onto the board, by SFTP or over the console, and checks that it arrived whole. */
  sendFile: localCall(z.object({ id, from: path, to: z.string().min(1).max(4096) }), z.object({ jobId: id })),
  /** Says whose console it is: its log is kept with the device from now on. The place is remembered. */
  join: call(z.object({ id, deviceId: id.nullable() }), nothing),
  close: call(z.object({ id }), nothing),
  /** The log files that lie with a device, or with no device, the newest first. */
  logs: localAsk(z.object({ deviceId }), z.object({ folder: z.string(), files: z.array(consoleLog) })),
}
