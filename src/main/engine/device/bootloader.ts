import type { BootEnvironment, Slot } from '../../contract/devices.ts'

export type SlotName = Slot['name']

/** What the bootloader does next: start the kernel of `slot`, after `environment` is saved. */
export interface BootDecision {
  slot: SlotName
  environment: BootEnvironment
  /** The trial was given up: the boot count went past its limit. */
  hasFallenBack: boolean
}

export function otherSlot(slot: SlotName): SlotName {
  return slot === 'A' ? 'B' : 'A'
}

export const FACTORY_ENVIRONMENT: BootEnvironment = { bootCount: 0, bootLimit: 1, isUpgradeAvailable: false, bootSlot: 'A' }

/**
 * One pass of the bootloader. While an upgrade is on trial each pass counts; past the limit the other slot is made the one to
 * boot and the trial ends. Without a trial nothing is counted and there is no way back.
 */
export function decideBoot(environment: BootEnvironment): BootDecision {
  if (!environment.isUpgradeAvailable) return { slot: environment.bootSlot, environment, hasFallenBack: false }
  const bootCount = environment.bootCount + 1
  if (bootCount <= environment.bootLimit)
    return { slot: environment.bootSlot, environment: { ...environment, bootCount }, hasFallenBack: false }
  const slot = otherSlot(environment.bootSlot)
  return { slot, environment: { ...environment, bootCount: 0, isUpgradeAvailable: false, bootSlot: slot }, hasFallenBack: true }
}

/** The environment that makes the next boot a trial of `slot`. */
export function prepareTrial(environment: BootEnvironment, slot: SlotName): BootEnvironment {
  return { ...environment, bootCount: 0, isUpgradeAvailable: true, bootSlot: slot }
}

/** The environment with the running trial made permanent. */
export function commitTrial(environment: BootEnvironment): BootEnvironment {
  return { ...environment, bootCount: 0, isUpgradeAvailable: false }
}

/** The environment that boots `slot` for good, whatever was on trial. */
export function rollBackTo(environment: BootEnvironment, slot: SlotName): BootEnvironment {
  return { ...environment, bootCount: 0, isUpgradeAvailable: false, bootSlot: slot }
}

/** Partition numbers as on a card with a boot partition first. */
const PARTITIONS: Readonly<Record<SlotName, string>> = { A: '2', B: '3' }

/** The environment as `key=value` lines with the variable names of Mender's U-Boot integration. */
export function formatEnvironment(environment: BootEnvironment): string {
  const { bootCount, bootLimit, isUpgradeAvailable, bootSlot } = environment
  const lines = [
    `bootcount=${bootCount}`,
    `bootlimit=${bootLimit}`,
    `upgrade_available=${isUpgradeAvailable ? 1 : 0}`,
    `mender_boot_part=${PARTITIONS[bootSlot]}`,
  ]
  return `${lines.join('\n')}\n`
}

/** Reads what formatEnvironment wrote; a variable that is missing or odd has its factory value, as in U-Boot. */
export function parseEnvironment(text: string): BootEnvironment {
  const values = new Map(text.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]))
  return {
    bootCount: wholeNumber(values.get('bootcount'), FACTORY_ENVIRONMENT.bootCount),
    bootLimit: wholeNumber(values.get('bootlimit'), FACTORY_ENVIRONMENT.bootLimit),
    isUpgradeAvailable: values.get('upgrade_available') === '1',
    bootSlot: values.get('mender_boot_part') === PARTITIONS.B ? 'B' : 'A',
  }
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise
}
