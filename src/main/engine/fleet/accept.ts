import type { AcceptMode } from '../../contract/accept-mode.ts'
import type { Identity } from './identity.ts'

export interface Knock {
  identity: Identity
  /** Whether the device asks from an address of this network. */
  isFrom(subnet: string): boolean
  now: number
}

/** Whether a device that asks to join is accepted without a click. */
export function isWelcome(mode: AcceptMode, { identity, isFrom, now }: Knock): boolean {
  if (mode === 'none' || mode === 'all') return mode === 'all'
  if (mode.kind === 'until') return now < mode.until
  if (mode.kind === 'subnet') return isFrom(mode.subnet)
  return [identity[mode.name] ?? []].flat().some((value) => fits(mode.pattern, value))
}

/** Whether a text fits a pattern in which `*` stands for anything; small and capital letters are the same, as in addresses. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const value = text.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return value === first
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false
  const end = value.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = value.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
