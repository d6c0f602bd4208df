import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { CARD_STATES } from '../../ui/card-states.ts'
import { clock } from '../../ui/format.ts'

/** The accessible name of a card: "virtual-02, rolled back, runs demo-v1 on A". */
export function composedName(device: Device): string {
  const parts = [device.name, CARD_STATES[device.card.state].word.toLowerCase(), device.card.detail]
  return parts.filter((part) => part !== '').join(', ')
}

/** The bootloader's own words; null while nothing has read them. */
export function bootLine({ boot }: Pick<Device, 'boot'>): string | null {
  if (boot === null) return null
  return t`boot ${boot.bootCount}/${boot.bootLimit} · upgrade_available=${boot.isUpgradeAvailable ? 1 : 0}`
}

const SOURCE_WORDS = { server: t`server`, virtual: t`board`, serial: t`serial`, ssh: 'ssh' } as const
const SOURCES = { server: t`told by the server`, virtual: t`seen on the board`, serial: t`seen on serial`, ssh: t`seen over SSH` } as const

/** Who says so, and when, in a few letters. */
export function evidenceWord({ evidence }: Pick<Device, 'evidence'>): string {
  return evidence === null ? t`not observed` : `${SOURCE_WORDS[evidence.source]} ${clock(evidence.at)}`
}

/** Who says so, and when. */
export function evidenceLine({ evidence }: Pick<Device, 'evidence'>): string {
  return evidence === null ? t`not observed` : t`${SOURCES[evidence.source]} at ${clock(evidence.at)}`
}

const UNHAPPY = new Set(['rolled-back', 'failed', 'inconsistent', 'mismatch'])

/** Whether there is an outcome that wants explaining. */
export function canExplain(device: Pick<Device, 'card' | 'deployment'>): boolean {
  if (device.deployment === null) return false
  const { status } = device.deployment
  return UNHAPPY.has(device.card.state) || status === 'failure' || status === 'noartifact'
}

/** Whether it is a board of software: a simulated one, or one in QEMU. */
export const isVirtual = ({ virtual, board }: Pick<Device, 'virtual' | 'board'>): boolean => virtual !== null || board !== null

/** The key that waits to be judged; null when none does. */
export function askingAuthset({ newKey, authsets }: Pick<Device, 'newKey' | 'authsets'>): string | null {
  return newKey?.authsetId ?? authsets.find(({ status }) => status === 'pending')?.id ?? null
}
