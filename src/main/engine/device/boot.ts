import { decideBoot } from './bootloader.ts'
import { type BootVerdict, checkSlotBoots } from './boot-check.ts'
import type { Machine } from './machine.ts'
import { slotPath } from './slots.ts'

/** A board that has not come up after so many resets is dead until someone looks at it. */
const MAX_RESETS = 5

/**
 * Takes a board from reset to a running system, with as many resets as that needs. Every change of the environment is saved
 * before the kernel is started, as a bootloader must. Answers false when no slot comes up.
 */
export async function bootMachine(machine: Machine, signal: AbortSignal): Promise<boolean> {
  const { console: serial, environment, host, options } = machine
  machine.runningSlot = null
  for (let reset = 0; reset <= MAX_RESETS; reset++) {
    const trialOf = environment.value.bootSlot
    const decision = decideBoot(environment.value)
    if (decision.environment !== environment.value) await environment.save(decision.environment)
    const { bootCount, bootLimit, isUpgradeAvailable } = environment.value
    if (decision.hasFallenBack)
      serial.bootloader(
        `boot count ${bootLimit + 1} is past the limit ${bootLimit}: slot ${trialOf} is given up, back to slot ${decision.slot}`,
        'warning',
      )
    serial.bootloader(
      `bootcount=${bootCount} bootlimit=${bootLimit} upgrade_available=${isUpgradeAvailable ? 1 : 0}, starting slot ${decision.slot}`,
    )
    const verdict = await startKernel(machine, signal)
    if (verdict.boots) {
      machine.runningSlot = decision.slot
      serial.kernel(`Slot ${decision.slot} is the root file system, starting init${isUpgradeAvailable ? ' (trial, not committed)' : ''}`)
      // A real system takes its time until the client runs; this is when a trial can be seen.
      if (isUpgradeAvailable) await host.clock.sleep(options.intervals.bootMs, signal)
      return true
    }
    serial.kernel(`Kernel panic: ${verdict.panic}`, 'error')
    await host.clock.sleep(options.intervals.bootMs / 2, signal)
    serial.kernel('Reset by the watchdog', 'warning')
  }
  serial.bootloader('No slot comes up; the board is halted', 'error')
  return false
}

async function startKernel(machine: Machine, signal: AbortSignal): Promise<BootVerdict> {
  const { console: serial, environment, host, options } = machine
  const { isUpgradeAvailable, bootSlot } = environment.value
  serial.kernel(`Virtual kernel for ${options.deviceType}, root on slot ${bootSlot}`)
  await host.clock.sleep(options.intervals.bootMs, signal)
  if (isUpgradeAvailable && options.faults.failAt === 'reboot')
    return { boots: false, panic: `init exited with code 1 (fault of this virtual device: no new system starts)` }
  return checkSlotBoots(host.files, slotPath(options.folder, bootSlot))
}
