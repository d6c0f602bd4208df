import type { Machine } from './machine.ts'
import { otherSlot } from './bootloader.ts'
import { type StateOutcome, type UpdateState, failsWhenInterrupted, nextState } from './state-machine.ts'
import { STATE_WORK, type StateContext, abortedText } from './update-states.ts'
import type { UpdateRecord } from './store.ts'
import type { Instructions } from './wire.ts'

/** How much longer an update goes on: `over` until the next one, `reboot` through a reset of the board. */
export type UpdateEnd = 'over' | 'reboot'

const LOG_TRIES = 3

/** Starts the update that the server asks for. */
export async function beginUpdate(machine: Machine, instructions: Instructions, signal: AbortSignal): Promise<UpdateEnd> {
  const previousSlot = machine.environment.value.bootSlot
  const update: UpdateRecord = {
    ...instructions,
    ...{ state: 'Download', failure: null, payloadType: null, provides: {}, clearsProvides: [] },
    ...{ needsReboot: false, canRollBack: true, hasRebooted: false },
    ...{ previousSlot, targetSlot: otherSlot(previousSlot) },
  }
  await machine.log.begin()
  await enter(machine, update, 'Download')
  return runStates(machine, signal)
}

/** Takes up the update that the store holds, after the board has come up again. */
export async function resumeUpdate(machine: Machine, update: UpdateRecord, signal: AbortSignal): Promise<UpdateEnd> {
  machine.console.deploymentId = update.deploymentId
  // A cut right after the boot environment was prepared starts the new slot before the client has asked for a reboot.
  if (machine.runningSlot === update.targetSlot && !update.hasRebooted)
    await machine.store.save({ update: { ...update, hasRebooted: true } })
  const why = failsWhenInterrupted(update.state) ? `The board restarted during ${update.state}` : null
  return (await advance(machine, 'interrupted', why)) ? runStates(machine, signal) : 'over'
}

async function runStates(machine: Machine, signal: AbortSignal): Promise<UpdateEnd> {
  for (;;) {
    signal.throwIfAborted()
    const update = currentUpdate(machine)
    if (update.state === 'Report') await report(contextOf(machine, update, signal))
    const result =
      update.state === 'Report' ? { kind: 'done' as const } : await STATE_WORK[update.state](contextOf(machine, update, signal))
    signal.throwIfAborted()
    if (result.kind === 'reboot') return 'reboot'
    const goesOn = await advance(machine, result.kind, result.kind === 'failed' ? result.why : null)
    if (!goesOn) return 'over'
  }
}

/** Leaves the current state for the one that follows; answers false when the update is over. */
async function advance(machine: Machine, outcome: StateOutcome, why: string | null): Promise<boolean> {
  const update = currentUpdate(machine)
  if (why !== null) await note(machine, 'error', why)
  const next = nextState(update.state, outcome, update)
  if (next !== null) {
    await enter(machine, { ...update, failure: update.failure ?? why }, next)
    return true
  }
  await machine.store.save({ update: null })
  machine.console.deploymentId = null
  return false
}

async function enter(machine: Machine, update: UpdateRecord, state: UpdateState): Promise<void> {
  machine.console.deploymentId = update.deploymentId
  const hasRebooted = update.hasRebooted || state === 'ArtifactReboot'
  await machine.store.save({ update: { ...update, state, hasRebooted } })
  machine.console.event('state', state)
  await logLine(machine, 'info', `State ${state} entered`)
}

/** The final status, repeated until the server takes it, and after a failure the log. */
async function report({ machine, update, signal }: StateContext): Promise<void> {
  const { server, host, options, console: serial, log } = machine
  const status = update.failure === null ? 'success' : 'failure'
  await note(
    machine,
    update.failure === null ? 'info' : 'error',
    update.failure === null ? `${update.artifactName} is installed` : `${update.artifactName} failed: ${update.failure}`,
  )
  for (;;) {
    const reported = await server.reportStatus(update.deploymentId, status, signal)
    if (reported.kind === 'taken') break
    if (reported.kind === 'aborted') {
      // What failed after an abort, such as a download whose link is no longer good, failed because of it.
      const text = abortedText(reported.why)
      if (update.failure !== text) await note(machine, 'warning', text)
      break
    }
    serial.client(`cannot report ${status} (${reported.why}); tries again in ${options.intervals.retryMs / 1000} s`, 'warning')
    await host.clock.sleep(options.intervals.retryMs, signal)
  }
  if (update.failure === null) return
  for (let tries = 1; tries <= LOG_TRIES; tries++) {
    const sent = await server.sendLog(update.deploymentId, log.messages, signal)
    if (sent.kind === 'taken' || sent.kind === 'aborted') return
    await host.clock.sleep(options.intervals.retryMs, signal)
  }
}

function currentUpdate(machine: Machine): UpdateRecord {
  const { update } = machine.store.record
  if (update === null) throw new Error('no update is in progress')
  return update
}

function contextOf(machine: Machine, update: UpdateRecord, signal: AbortSignal): StateContext {
  return { machine, update, signal, note: (level, text) => note(machine, level, text) }
}

/** A line for the console and for the deployment's log. */
async function note(machine: Machine, level: 'info' | 'warning' | 'error', text: string): Promise<void> {
  machine.console.client(text, level)
  await logLine(machine, level, text)
}

async function logLine(machine: Machine, level: string, message: string): Promise<void> {
  await machine.log.add({ timestamp: new Date(machine.host.clock.now()).toISOString(), level, message })
}
