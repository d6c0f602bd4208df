import { z } from 'zod'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import { type Event, FAILURES, type FailureKind, MAX_SUMS } from '../../writer/protocol.ts'

const bytes = z.number().nonnegative()

const writerEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), deviceBytes: bytes, isDirect: z.boolean() }),
  z.object({ event: z.literal('sampled'), samples: z.number(), different: z.number(), isDifferential: z.boolean() }),
  z.object({
    event: z.literal('progress'),
    phase: z.enum(['writing', 'verifying', 'finishing']),
    doneBytes: bytes,
    totalBytes: bytes.nullable(),
    writtenBytes: bytes,
    savedBytes: bytes,
    waitedMs: z.object({ image: z.number(), source: z.number(), card: z.number() }),
  }),
  z.object({ event: z.literal('paused') }),
  z.object({ event: z.literal('continued') }),
  z.object({ event: z.literal('rewrite'), start: bytes, end: bytes, times: z.number() }),
  z.object({ event: z.literal('sums'), sums: z.array(bytes).max(MAX_SUMS) }),
  z.object({ event: z.literal('done'), writtenBytes: bytes, savedBytes: bytes, verifiedBytes: bytes, isReread: z.boolean() }),
  z.object({
    event: z.literal('failed'),
    why: z.enum(FAILURES),
    detail: z.string(),
    at: bytes.nullable(),
    realBytes: bytes.nullable(),
  }),
]) satisfies z.ZodType<Event>

const MAX_LINE_CHARACTERS = 64 * 1024

/** The lines that a writer says. INTERNAL for what is none. */
export async function* eventsOf(output: AsyncIterable<Uint8Array>): AsyncGenerator<Event, void, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of output) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARACTERS) throw new AppError('INTERNAL', 'The writer says a line without an end')
    for (const line of lines) yield writerEvent.parse(JSON.parse(line))
  }
}

export type Failed = Extract<Event, { event: 'failed' }>

interface Wording {
  code: ErrorCode
  /** Goes on from the target's name. */
  says: string
  hint: string
}

const WORDS: Readonly<Record<FailureKind, Wording>> = {
  protocol: {
    code: 'INTERNAL',
    says: 'the writer did not understand',
    hint: 'This is a defect of OTA Bench; please report it with the log.',
  },
  'not-found': { code: 'DRIVE_REMOVED', says: 'it is not there', hint: 'Plug it in, and retry: only what is missing is written.' },
  permission: { code: 'PERMISSION', says: 'this user may not write it', hint: 'See otabench doctor, which says how to be allowed to.' },
  'read-only': { code: 'PERMISSION', says: 'it is read-only', hint: 'Slide the switch on the card, or use another card.' },
  refused: { code: 'PERMISSION', says: 'it must not be written', hint: 'Choose another drive.' },
  busy: { code: 'DRIVE_BUSY', says: 'it is in use', hint: 'Unmount what is on it, and close the programs that use it.' },
  'other-device': { code: 'CONFLICT', says: 'it is another drive than the one that was chosen', hint: 'Choose the drive again.' },
  'not-a-device': { code: 'BAD_INPUT', says: 'it is no drive', hint: 'Name a drive of otabench drives list, or a file.' },
  'too-small': { code: 'DRIVE_TOO_SMALL', says: 'the image does not fit', hint: 'Use a larger card, or a smaller image.' },
  gone: { code: 'DRIVE_REMOVED', says: 'it was pulled out', hint: 'Plug it in again, and retry: only what is missing is written.' },
  'no-room': { code: 'DISK_FULL', says: 'there is no room left for it', hint: 'Free some space on that disk and try again.' },
  io: { code: 'DRIVE_FAILED', says: 'it reports an error', hint: 'Try another reader or port; a card that fails again is worn out.' },
  mismatch: { code: 'VERIFY_FAILED', says: 'it gives back other bytes than were written', hint: 'The card is worn out: use another one.' },
  source: { code: 'CONFLICT', says: 'the image could not be read', hint: 'See whether it is still there, and try again.' },
  changed: {
    code: 'CONFLICT',
    says: 'the image is not what it was when it was read before',
    hint: 'Retry: it is read and checked anew.',
  },
  unforeseen: { code: 'DRIVE_FAILED', says: 'it could not be written', hint: 'The log of the job says more.' },
}

/** Counted as the kernel does. */
const SECTOR_BYTES = 512

/** What a person is told of a writer's failure. */
export function failureOf({ why, detail, at, realBytes }: Failed, target: string): AppError {
  const { code, says, hint } = WORDS[why]
  const place = at === null ? '' : `, at byte ${at} (block ${Math.floor(at / SECTOR_BYTES)})`
  if (realBytes !== null) {
    const message = `${target}: it gives back other bytes than were written${place}. It keeps less than ${realBytes} bytes, whatever it says`
    return new AppError('VERIFY_FAILED', message, 'It is a counterfeit: give it back.')
  }
  return new AppError(code, `${target}: ${says}${place} (${detail})`, hint)
}
