import { z } from 'zod'
import { call, instant, live, localAsk, localCall, nothing } from './operations.ts'
import { secretReference } from './recipe.ts'
import { path } from './sizes.ts'

const hash = z.string().regex(/^[\da-f]{64}$/, 'a SHA-256 in lower hexadecimal digits')
export const RECORD_TEXT_LENGTH = 1000
const text = z.string().max(RECORD_TEXT_LENGTH)

/** How a card is known. `card`: by its own number. `reader`: the reader's number stands for whatever is in it. `none`: by nothing. */
export const cardId = z.strictObject({ id: text, sureness: z.enum(['card', 'reader', 'none']), name: text, sizeBytes: z.number() })
export type CardId = z.infer<typeof cardId>

/** What became of a number. `free`: it is given again. */
export const numberState = z.enum(['held', 'given', 'void', 'free'])

/** What is kept of one try to make a unit, or of a number that was voided: one link of a chain. */
export const unitRecord = z.strictObject({
  /** From 1, without a gap. */
  sequence: z.int().min(1),
  /** `void`: a person took the number back. `withdrawn`: a server that had been out of reach has forgotten the device at last. */
  result: z.enum(['good', 'failed', 'void', 'withdrawn']),
  serial: text,
  /** Why it failed, or was voided; empty for a good one. */
  why: text,
  /** What could not be undone, a sentence each. */
  notUndone: z.array(text),
  number: numberState,
  identity: z.record(z.string(), z.string()),
  /** What else the work order says of this unit. */
  columns: z.record(z.string(), z.string()),
  order: text,
  /** The port of the reader. */
  slot: text,
  card: cardId.nullable(),
  /** Of the image file. */
  imageSha256: hash,
  keyFingerprint: hash.nullable(),
  /** Where it was preauthorized, and as what; null where it was not. */
  server: text.nullable(),
  deviceId: text.nullable(),
  operator: text,
  startedAt: instant,
  endedAt: instant,
  /** The hash of the record before; zeros in the first one. */
  previous: hash,
  /** SHA-256 of all the rest of this record, as JSON without spaces, its names in order. */
  hash,
})
export type UnitRecord = z.infer<typeof unitRecord>

/** What an audit finds wrong with records, each named by its place and serial number; nothing when all is well. */
export const chainVerdict = z.object({
  count: z.int(),
  /** The hash of the last record: who has noted it notices when the last ones are dropped. */
  head: z.string(),
  faults: z.array(z.string()),
})
export type ChainVerdict = z.infer<typeof chainVerdict>

export const orderName = z.string().regex(/^[\w.-]{1,60}$/, 'at most 60 letters, digits and . _ -')

export const workOrder = z.object({
  name: orderName,
  total: z.int(),
  good: z.int(),
  failed: z.int(),
  /** Numbers of this order that are void. */
  voided: z.int(),
  /** How many may still be begun. */
  left: z.int(),
  /** What the next card becomes; null for the next of a series, and when nothing is left. */
  next: z.string().nullable(),
  createdAt: instant,
})
export type WorkOrder = z.infer<typeof workOrder>

const label = z.strictObject({
  format: z.enum(['zpl', 'pdf']),
  /** A file each, named by the serial number. */
  folder: path.nullable().default(null),
  /** A raw TCP port, as label printers have it, or a program that reads it on its standard input: `["lp", "-d", "labels"]`. */
  printer: z
    .union([
      z.strictObject({ host: z.string().regex(/^[^\s/]{1,253}$/, 'a host'), port: z.int().min(1).max(65_535).default(9100) }),
      z.strictObject({ command: z.array(z.string().min(1).max(1000)).min(1).max(50) }),
    ])
    .nullable()
    .default(null),
})
export type LabelSetting = z.infer<typeof label>

export const stationSetup = z.strictObject({
  recipe: path,
  image: path,
  /** What is expected in the readers. */
  card: z
    .strictObject({
      minBytes: z.int().min(0).default(0),
      maxBytes: z.int().min(0).nullable().default(null),
      /** Part of what the drive says of its maker and model. */
      brand: z.string().max(100).default(''),
    })
    .prefault({}),
  /** Who is told of the units: this bench, or another one or a Mender server at a URL. */
  server: z
    .union([z.literal('bench'), z.strictObject({ url: z.url({ protocol: /^https?$/ }), token: secretReference })])
    .nullable()
    .default(null),
  label: label.nullable().default(null),
  /** What becomes of a serial number of a list whose unit failed and left nothing behind; numbers of a series go by the recipe. */
  whenFailed: z.enum(['void', 'give-again']).default('give-again'),
})
export type StationSetup = z.infer<typeof stationSetup>

const operator = z.string().trim().min(1).max(100)
const slot = z.string().min(1).max(1000)
export const MAX_SLOTS = 16

/** One word a lane, to be read from afar. */
export const laneWord = z.enum([
  'NO ORDER',
  'ORDER DONE',
  'INSERT CARD',
  'CHECKING',
  'IDENTITY',
  'WRITING',
  'VERIFYING',
  'PREAUTHORIZE',
  'LABEL',
  'FINISHING',
  'REMOVE CARD',
  'FAILED',
])
export type LaneWord = z.infer<typeof laneWord>

export const stationLane = z.object({
  slot,
  word: laneWord,
  /** Why it failed, or what else there is to say; empty mostly. */
  detail: z.string(),
  serial: z.string().nullable(),
  /** Whether the card that is to be removed has become a good unit. */
  isGood: z.boolean(),
  doneBytes: z.number(),
  totalBytes: z.number().nullable(),
})
export type StationLane = z.infer<typeof stationLane>

export const stationView = z.object({
  /** `preparing`: the image is read. */
  state: z.enum(['off', 'preparing', 'on']),
  /** The last one that was used; null before the first. */
  setup: stationSetup.nullable(),
  slots: z.array(slot),
  operator: z.string(),
  order: workOrder.nullable(),
  lanes: z.array(stationLane),
  /** Since it was switched on. */
  good: z.int(),
  failed: z.int(),
  /** The answer to what was scanned or typed last, and what goes wrong meanwhile. */
  said: z.object({ text: z.string(), isWrong: z.boolean(), at: instant }).nullable(),
  hasPin: z.boolean(),
  /** After too many wrong PINs; null otherwise. */
  pinBlockedUntil: instant.nullable(),
})
export type StationView = z.infer<typeof stationView>

export const PIN_TRIES = 5
const pin = z.string().regex(/^\d{4,12}$/, '4 to 12 digits')

export const station = {
  view: live(nothing, stationView),
  orders: live(nothing, z.array(workOrder)),
  /** The newest first. */
  records: live(z.object({ order: orderName.nullable().default(null), limit: z.int().min(1).max(1000).default(200) }), z.array(unitRecord)),
  /** A list out of a CSV file, a unit each line: the column `serial`, attributes of the identity by their names, anything else. */
  importOrder: localCall(z.object({ name: orderName, path }), workOrder),
  /** So many units with the next numbers of the recipe's series. */
  makeOrder: localCall(z.object({ name: orderName, count: z.int().min(1).max(1_000_000) }), workOrder),
  /** CONFLICT for one that units were made of. */
  removeOrder: localCall(z.object({ name: orderName }), nothing),
  /** Reads the image and arms the slots. From then on a card that is put into one of them is written without being asked. */
  start: localCall(
    z.object({ setup: stationSetup, slots: z.array(slot).min(1).max(MAX_SLOTS), operator, order: orderName.nullable().default(null) }),
    z.object({ key: z.string() }),
  ),
  /** Takes what is being made back, and switches it off. LOGIN_REFUSED without the PIN, where there is one, or the key of who started it. */
  stop: localCall(
    z.object({ pin: z.string().max(100).nullable().default(null), key: z.string().max(100).nullable().default(null) }),
    nothing,
  ),
  /** What a scanner or a person says: a work order, a serial number that is to come next, `operator NAME`, `void SERIAL WHY`. */
  scan: localCall(z.object({ line: z.string().trim().min(1).max(500) }), z.object({ text: z.string() })),
  /** Takes a number out of use for good. CONFLICT while it is being made. NOT_FOUND. */
  void: localCall(z.object({ serial: text.min(1), reason: text.min(1) }), unitRecord),
  /** Prints, or saves, the label of a good unit again. */
  label: localCall(z.object({ serial: text.min(1), setting: label }), z.object({ sentTo: z.string() })),
  /** An engineer's: it keeps operators at the station. The old one is asked for where there is one; null takes it away. */
  setPin: call(z.object({ oldPin: z.string().max(100).nullable().default(null), pin: pin.nullable() }), nothing),
  /** Writes records to a new file; CSV for people, JSON for an audit. */
  export: localCall(
    z.object({ path, format: z.enum(['json', 'csv']), order: orderName.nullable().default(null) }),
    z.object({ count: z.int(), head: z.string() }),
  ),
  /** The records of this bench; those of a file are verified by `otabench station verify`. */
  verify: localAsk(z.object({ head: hash.nullable().default(null) }), chainVerdict),
}
