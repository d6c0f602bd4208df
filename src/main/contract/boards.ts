import { z } from 'zod'
import { bootEnvironment, deployed, slot, timeline } from './devices.ts'
import { failure } from './errors.ts'
import { ask, call, id, instant, live, localCall, nothing, part, stream } from './operations.ts'
import { path } from './sizes.ts'

/** A name of a board: its folder and its host name are called so. */
export const boardName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'small letters, digits and -, up to 31')

/** Its serial console among the serial ports of the machine. */
export const boardPort = (name: string): string => `board:${name}`
export const BOARD_PORT = /^board:(.+)$/

/** Of root on the boards that are made here: they are reached from this machine alone. */
export const BOARD_PASSWORD = 'board'

/**
 * How far a board has come. `dark` to `up`: switched on, and what its console has shown last, up to the login prompt. `panicked`: its kernel
 * has given up. `failed`: QEMU does not start it.
 */
export const boardState = z.enum(['off', 'dark', 'loader', 'kernel', 'init', 'up', 'panicked', 'restarting', 'halted', 'failed'])
export type BoardState = z.infer<typeof boardState>

/** A real system in an emulator: U-Boot, two slots, the Mender client. */
export const board = z.object({
  name: boardName,
  state: boardState,
  isOn: z.boolean(),
  /** Why it does not run; null while all is well. */
  failure: failure.nullable(),
  mac: z.string(),
  /** What the emulated machine has. */
  memoryBytes: z.number(),
  /** Size of its card. */
  diskBytes: z.number(),
  /** What it takes of this machine, and the most that it may: memory with its emulator (null while it is off), disk with its logs. */
  takes: z.object({ memoryBytes: z.number().nullable(), memoryLimitBytes: z.number(), diskBytes: z.number() }),
  /** `ssh -p PORT root@127.0.0.1`; key and host key are known where the card was made here. */
  ssh: z.object({
    port: z.number().int(),
    keyPath: z.string().nullable(),
    /** As `SHA256:…`. */
    hostKey: z.string().nullable(),
  }),
  /** A pseudo terminal for other programs, as a serial port has one; null while it is off. */
  terminalPath: z.string().nullable(),
  /** An update that is tried and says nothing for so long has its power cut. */
  silenceSeconds: z.number(),
  /** How often it has started since the engine did. */
  startCount: z.number().int(),
  /** Which system runs, as the console showed; null where it has not. `slot` is null on a card that is not laid out as Mender does. */
  seen: z.object({ partition: z.number().int(), slot: z.enum(['A', 'B']).nullable(), artifactName: z.string().nullable() }).nullable(),
  /** As its client has told the server; null before. */
  claimed: z.object({ deviceId: id, artifactName: z.string().nullable(), lastSeenAt: instant.nullable() }).nullable(),
  /** In what the two disagree; null where they do not. */
  mismatch: z.string().nullable(),
  /** As they lie on the card; null before it has been looked at. */
  slots: z.array(slot).nullable(),
  /** U-Boot's environment on the card; null where there is none. */
  boot: bootEnvironment.nullable(),
  /** What is deployed to it. */
  deployment: deployed.nullable(),
  createdAt: instant,
  /** The last two lines of its console. */
  tail: z.array(z.string()),
})
export type Board = z.infer<typeof board>

const named = z.object({ name: boardName })

/** `off` asks the system first; `cut` does not, and `reset` is a cut and power on. */
export const boardPower = z.enum(['on', 'off', 'cut', 'reset'])
export type BoardPower = z.infer<typeof boardPower>

/** The device type of boards that are made here. */
export const BOARD_DEVICE_TYPE = 'virt-arm64'

const artifactName = z.string().regex(/^[A-Za-z0-9._+-]{1,100}$/, 'letters, digits and . _ + -')

/** What a new board is to be. */
export const newBoard = z.strictObject({
  name: boardName,
  /** Of what both of its slots hold at first. */
  artifactName: artifactName.default('board-1'),
  memoryMiB: z.number().int().min(128).max(2048).default(256),
  /** The watchdog: an update that is tried and says nothing for so long has its power cut. */
  silenceSeconds: z.number().int().min(5).max(3600).default(60),
  /** How often it asks for an update. */
  pollSeconds: z.number().int().min(1).max(86_400).default(5),
  /** The key of the key ring that artifacts for it have to be signed with; null: they need no signature. */
  verifyKeyId: id.nullable().default(null),
  isOn: z.boolean().default(true),
})
export type NewBoard = z.infer<typeof newBoard>

/** A card image of one's own for the same machine, to be tried before it is flashed. */
export const triedImage = newBoard.pick({ name: true, memoryMiB: true, silenceSeconds: true, isOn: true }).extend({ image: path })
export type TriedImage = z.infer<typeof triedImage>

/** A name for the board that an image is tried on: that of its file, as far as it goes. */
export function boardNameFor(image: string): string {
  const [stem = ''] = image.slice(Math.max(image.lastIndexOf('/'), image.lastIndexOf('\\')) + 1).split('.')
  return (
    stem
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 31)
      .replace(/-+$/, '') || 'tried'
  )
}

/** How an update for boards turns out; `commit-fails` is a good one with a state script that does not want it. */
export const updateKind = z.enum(['good', 'init-panics', 'no-kernel', 'init-hangs', 'no-network', 'commit-fails'])
export type UpdateKind = z.infer<typeof updateKind>

const newUpdate = { artifactName, kind: updateKind.default('good') }

const consoleLine = z.object({ at: instant, text: z.string() })

export const boards = {
  list: live(nothing, z.array(board)),
  /** A job of its own: fetches what the board is made of where it is not here yet, writes its card, announces it to the server. */
  create: call(newBoard, z.object({ jobId: id })),
  /** Boots a copy of a card image, packed or not, which stays as it is. A job of its own. Its device is accepted when it asks the server of this bench. */
  tryImage: localCall(triedImage, z.object({ jobId: id })),
  /** Writes an artifact for boards into the library, to try what becomes of it. */
  makeUpdate: call(z.object({ ...newUpdate, keyId: id.nullable().default(null) }), z.object({ id, jobId: id })),
  /** The root file system alone, in a file; its state scripts in `PATH.scripts`. */
  writeRootfs: localCall(z.object({ ...newUpdate, path }), z.object({ jobId: id })),
  power: call(named.extend({ action: boardPower }), nothing),
  /** With its card, and its device on the server. */
  remove: call(named, nothing),
  /** The newest lines of its console. */
  serial: live(named, z.array(consoleLine)),
  /** Its console for a terminal: what came last, then all that comes, as base64. Lasts until whoever reads leaves. */
  console: stream(named, z.object({ data: z.string() })),
  type: part(named.extend({ data: z.base64().max(1 << 20) }), nothing),
  /** As `devices.timeline` of its device. */
  timeline: live(named.extend({ deploymentId: id.optional() }), timeline),
  /** All variables of U-Boot's environment on its card. */
  environment: ask(named, z.record(z.string(), z.string())),
}
