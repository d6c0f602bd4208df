import type { DeviceDeploymentStatus } from '../../contract/devices.ts'
import { AppError } from '../../contract/errors.ts'
import type { ServerConnection } from './client-http.ts'
import { commitTrial, prepareTrial, rollBackTo } from './bootloader.ts'
import { moduleFolder, receiveArtifact, traitsOf } from './install.ts'
import type { Machine } from './machine.ts'
import type { FailPoint } from './options.ts'
import { applyProvides, providesOf } from './provides.ts'
import { STATUS_ON_ENTRY, type UpdateState } from './state-machine.ts'
import { type UpdateRecord, withSlot } from './store.ts'

/** `reboot`: the state is left by a reset of the board. */
export type StateResult = { kind: 'done' } | { kind: 'failed'; why: string } | { kind: 'reboot' }

/** One state's work: does it for the update in the store. May be entered again after a restart and then must end the same way. */
export interface StateContext {
  machine: Machine
  update: UpdateRecord
  signal: AbortSignal
  note(level: 'info' | 'warning' | 'error', text: string): Promise<void>
}

const DONE: StateResult = { kind: 'done' }
const failed = (why: string): StateResult => ({ kind: 'failed', why })

/** The work of each state except Report. */
export const STATE_WORK: Readonly<Record<Exclude<UpdateState, 'Report'>, (context: StateContext) => Promise<StateResult>>> = {
  Download: download,
  ArtifactInstall: install,
  ArtifactReboot: async (context) => (await announce(context, 'ArtifactReboot')) ?? { kind: 'reboot' },
  ArtifactVerifyReboot: async ({ machine, update }) =>
    machine.runningSlot === update.targetSlot
      ? DONE
      : failed(`Slot ${update.targetSlot} did not come up; the bootloader went back to slot ${machine.runningSlot}`),
  ArtifactCommit: commit,
  ArtifactCommitLeave: leaveCommit,
  ArtifactRollback: rollBack,
  ArtifactRollbackReboot: async () => ({ kind: 'reboot' }),
  ArtifactVerifyRollbackReboot: async ({ machine, update }) =>
    machine.runningSlot === update.previousSlot ? DONE : failed(`Slot ${update.previousSlot} did not come up after the rollback`),
  ArtifactFailure: markFailure,
  Cleanup: cleanUp,
}

export const abortedText = (why: string) => `The deployment was aborted on the server (${why})`

/** Tells the server which state begins. A refusal matters only when the deployment was aborted. */
async function announce({ machine, update, signal, note }: StateContext, state: UpdateState): Promise<StateResult | null> {
  const status: DeviceDeploymentStatus | undefined = STATUS_ON_ENTRY[state]
  if (status === undefined) return null
  const reported = await machine.server.reportStatus(update.deploymentId, status, signal)
  if (reported.kind === 'aborted') return failed(abortedText(reported.why))
  if (reported.kind !== 'taken') await note('warning', `Cannot report ${status}: ${reported.why}`)
  return null
}

function faultAt({ machine }: StateContext, point: FailPoint): StateResult | null {
  return machine.options.faults.failAt === point ? failed(`Fault of this virtual device: it fails at ${point}`) : null
}

async function download(context: StateContext): Promise<StateResult> {
  const { machine, update, signal, note } = context
  const { store, console: serial } = machine
  const stop = await announce(context, 'Download')
  if (stop) return stop
  serial.client(`downloading ${update.artifactName}`)
  try {
    const artifact = await receiveArtifact(machine, update, signal)
    const { payloadType, signature, sizeBytes } = artifact
    const facts = { payloadType, artifactName: artifact.name, ...traitsOf(payloadType), ...providesOf(artifact) }
    const by = signature.verifiedBy === null ? '' : `, signed with ${signature.verifiedBy}`
    await note('info', `${sizeBytes} bytes received, checksums right${by}`)
    const written = { artifactName: artifact.name, condition: 'written' as const, writtenBytes: machine.writtenBytes ?? 0 }
    await store.save({ update: { ...update, ...facts }, ...(facts.needsReboot ? withSlot(store.record, update.targetSlot, written) : {}) })
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof AppError)) throw thrown
    return failed(thrown.message)
  } finally {
    machine.writtenBytes = null
  }
  return faultAt(context, 'download') ?? DONE
}

async function install(context: StateContext): Promise<StateResult> {
  const { machine, update, note } = context
  const stop = (await announce(context, 'ArtifactInstall')) ?? faultAt(context, 'install')
  if (stop) return stop
  if (!update.needsReboot) {
    await note(
      'info',
      `Payload of type ${update.payloadType ?? 'none'}: a virtual device executes nothing; the files are kept in module-files`,
    )
    return DONE
  }
  await machine.environment.save(prepareTrial(machine.environment.value, update.targetSlot))
  await note('info', `Slot ${update.targetSlot} is the one to boot; upgrade_available=1 bootcount=0`)
  return DONE
}

/**
 * Makes the update permanent, unless that has happened already. As a real client does, the device authenticates anew before:
 * a system that cannot reach its server is not worth keeping. A server that is only being restarted is waited for.
 */
async function commit(context: StateContext): Promise<StateResult> {
  const { machine, update, note } = context
  const { environment, server } = machine
  const isOnTrial = environment.value.isUpgradeAvailable
  if (update.needsReboot && machine.runningSlot !== update.targetSlot)
    return failed(`Slot ${machine.runningSlot} runs where slot ${update.targetSlot} was to be committed`)
  if (update.needsReboot && !isOnTrial) return DONE
  const stop = (await announce(context, 'ArtifactCommit')) ?? faultAt(context, 'commit')
  if (stop) return stop
  server.forgetToken()
  const access = await reachServer(context)
  if (access.kind !== 'accepted') return failed(`The new system cannot reach its server: ${access.why}`)
  if (update.needsReboot) {
    await environment.save(commitTrial(environment.value))
    await note('info', `Slot ${update.targetSlot} is committed; upgrade_available=0`)
  }
  return DONE
}

/** Tries as often as the client of 3.x does before it commits (maxSendingAttempts): for two intervals of polls, or three times more. */
async function reachServer({ machine, signal, note }: StateContext): Promise<Awaited<ReturnType<ServerConnection['authenticate']>>> {
  const { pollMs, retryMs } = machine.options.intervals
  const ratio = Math.floor(pollMs / retryMs)
  for (let left = ratio > 3 ? 2 * ratio : 3; ; left -= 1) {
    const access = await machine.server.authenticate(signal)
    if (access.kind !== 'unreachable' || left === 0) return access
    await note('warning', `The server cannot be reached (${access.why}); tries again in ${retryMs / 1000} s`)
    await machine.host.clock.sleep(retryMs, signal)
  }
}

async function leaveCommit(context: StateContext): Promise<StateResult> {
  const { update, machine } = context
  const { store } = machine
  const idle = { condition: 'idle' as const }
  await store.save({
    artifactName: update.artifactName,
    provides: applyProvides(store.record.provides, update),
    ...(update.needsReboot ? withSlot(store.record, update.targetSlot, idle) : {}),
  })
  return faultAt(context, 'after-commit') ?? DONE
}

async function rollBack({ machine, update, note }: StateContext): Promise<StateResult> {
  const { environment } = machine
  const { needsReboot, previousSlot } = update
  if (!needsReboot) {
    await machine.host.files.remove(moduleFolder(machine))
    return DONE
  }
  if (environment.value.isUpgradeAvailable || environment.value.bootSlot !== previousSlot) {
    await environment.save(rollBackTo(environment.value, previousSlot))
    await note('info', `Slot ${previousSlot} is the one to boot again; upgrade_available=0`)
  }
  return DONE
}

/** Software that failed and cannot be rolled back is in no known state, and its name says so, as on a real client. */
async function markFailure({ machine, update }: StateContext): Promise<StateResult> {
  if (!update.canRollBack) await machine.store.save({ artifactName: `${update.artifactName}_INCONSISTENT` })
  return DONE
}

/** A slot that the failed update has written, wholly or in part, is nothing to boot. */
async function cleanUp({ machine, update }: StateContext): Promise<StateResult> {
  const { store } = machine
  const { condition } = store.record.slots[update.targetSlot]
  if (update.failure !== null && (condition === 'writing' || condition === 'written'))
    await store.save(withSlot(store.record, update.targetSlot, { condition: 'failed' }))
  return DONE
}
