import { z } from 'zod'
import { AppError } from './errors.ts'
import { instant } from './operations.ts'

/** Which devices that ask to join are accepted by themselves, besides none and all. */
const acceptRule = z.discriminatedUnion('kind', [
  /** Those that ask from addresses of this network. */
  z.object({ kind: z.literal('subnet'), subnet: z.union([z.cidrv4(), z.cidrv6()]) }),
  /** Those whose identity fits, `*` standing for anything. */
  z.object({ kind: z.literal('identity'), name: z.string().min(1), pattern: z.string().min(1) }),
  /** All until then. */
  z.object({ kind: z.literal('until'), until: instant }),
])

export const acceptMode = z.union([z.enum(['none', 'all']), acceptRule])
export type AcceptMode = z.infer<typeof acceptMode>

const HINT = 'Write none, all, a network (192.168.7.0/24), an identity (mac=02:*) or a time from now on (15m).'
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }

/** The accept mode that a text says: `none`, `all`, `192.168.7.0/24`, `mac=02:*`, `15m`. BAD_INPUT for what is none. */
export function parseAcceptMode(text: string, now: number): AcceptMode {
  const [, count, unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? []
  const [, name, pattern] = /^([^=\s]+)=(.+)$/.exec(text) ?? []
  const wanted = (): unknown => {
    if (text === 'none' || text === 'all') return text
    if (count !== undefined) return { kind: 'until', until: now + Number(count) * (UNIT_MS[unit] ?? 0) }
    if (name !== undefined) return { kind: 'identity', name, pattern }
    return { kind: 'subnet', subnet: text }
  }
  const mode = acceptMode.safeParse(wanted())
  if (mode.success) return mode.data
  throw new AppError('BAD_INPUT', `"${text}" is not a way to accept devices`, HINT)
}

/** The mode in words, as a sentence without its full stop. */
export function acceptModeText(mode: AcceptMode, now: number): string {
  if (mode === 'none') return 'new devices wait to be accepted'
  if (mode === 'all') return 'every device is accepted'
  if (mode.kind === 'subnet') return `devices from ${mode.subnet} are accepted`
  if (mode.kind === 'identity') return `devices with ${mode.name}=${mode.pattern} are accepted`
  const minutes = Math.ceil((mode.until - now) / 60_000)
  return minutes <= 0 ? acceptModeText('none', now) : `every device is accepted for ${minutes} min`
}
