import type { DeploymentDetail } from '../../contract/deployments.ts'
import type { TimelineEntry } from '../../contract/devices.ts'
import { AppError } from '../../contract/errors.ts'
import type { EngineClient } from '../context.ts'
import { now, until } from '../live.ts'
import { entryText, size } from '../text.ts'
import type { DemoUpdate, DemoUpdates } from './demo-build.ts'
import type { DemoDevices } from './demo-devices.ts'
import type { DemoWork } from './demo-story.ts'

const GROUP = 'demo'

/** The demo with its server up. */
export interface DemoBench extends DemoWork {
  client: EngineClient
  devices: DemoDevices
}

/** Switches the devices on, accepts each when it asks, and puts them into a group. Answers their ids. */
export function acceptDevices({ client, devices, story, signal }: DemoBench): Promise<string[]> {
  return story.step('Bring up virtual devices and accept them', async () => {
    await devices.start()
    const macs = devices.all.map(({ mac }) => mac)
    const asking = await until(client.devices.list(undefined, { signal }), (all) => all.length === macs.length)
    for (const { id, authsets } of asking) {
      const pending = authsets.find(({ status }) => status === 'pending')
      if (pending) await client.devices.setAuthStatus({ id, authsetId: pending.id, status: 'accepted' })
    }
    const known = await until(client.devices.list(undefined, { signal }), (all) => all.every(({ artifactName }) => artifactName !== null))
    const ids = known.map(({ id }) => id)
    for (const { id, identity } of known) await client.devices.rename({ id, name: devices.observe(String(identity['mac'])).name })
    await client.devices.setGroup({ ids, group: GROUP })
    const figures = [
      `${macs.length} devices asked to join with a P-256 key each, were pending, and are accepted`,
      `they run ${known[0]?.artifactName} on slot A, are in group ${GROUP}, and poll every second over HTTP`,
    ]
    return { value: ids, figures }
  })
}

/** Deploys the update that works, and checks each device down to the bytes of its slot. */
export function deployGood(bench: DemoBench, update: DemoUpdate): Promise<string> {
  const { story, devices } = bench
  return story.step(`Deploy ${update.name} to group ${GROUP}`, async () => {
    const { ended, seconds } = await deploy(bench, update)
    const trouble = ended.devices.flatMap(({ deviceName, status, explanation }) =>
      status === 'success' ? [] : [`${deviceName}: ${status} ${explanation}`],
    )
    for (const { mac, name } of devices.all) {
      const { running, artifactName, boot } = devices.observe(mac)
      const isCommitted = running === 'B' && artifactName === update.name && !boot.isUpgradeAvailable
      if (!isCommitted) trouble.push(`${name} runs ${artifactName} on slot ${running}, not ${update.name} on B`)
      const sum = await devices.slotSha256(mac, 'B', update.imageBytes)
      if (sum !== update.imageSha256) trouble.push(`${name}: slot B holds ${sum}, the image is ${update.imageSha256}`)
    }
    const count = ended.devices.length
    const figures = [
      `${count} × ${size(update.sizeBytes)} downloaded over HTTP and installed in ${seconds.toFixed(1)} s, checksum and signature verified on the device`,
      `slot B written, byte for byte the image (SHA-256 ${update.imageSha256.slice(0, 16)}…); booted on trial, committed: ${statistics(ended)}`,
    ]
    return { value: ended.id, figures, trouble }
  })
}

/** Deploys the update that cannot boot, and checks that each device went back and said so. Answers the deployment's id. */
export function deployBroken(bench: DemoBench, { good, broken }: DemoUpdates): Promise<string> {
  const { story, devices, client } = bench
  return story.step(`Deploy ${broken.name}, which fails to boot`, async () => {
    const { ended, seconds } = await deploy(bench, broken)
    const trouble = ended.devices.flatMap(({ deviceName, status }) =>
      status === 'failure' ? [] : [`${deviceName}: ${status}, not failure`],
    )
    for (const { mac, name } of devices.all) {
      const { running, artifactName, boot } = devices.observe(mac)
      const isBack = running === 'B' && artifactName === good.name && !boot.isUpgradeAvailable && boot.bootSlot === 'B'
      if (!isBack) trouble.push(`${name} runs ${artifactName} on slot ${running}, not ${good.name} on B`)
    }
    let lines = 0
    for (const { deviceId, deviceName } of ended.devices) {
      const log = await client.deployments.log({ id: ended.id, deviceId })
      lines += log.length
      if (!log.some(({ message }) => message.includes('did not come up'))) trouble.push(`${deviceName} sent no log that says why`)
    }
    const figures = [
      `slot A written and booted on trial in ${seconds.toFixed(1)} s; the boot count went past its limit: ${statistics(ended)}`,
      `every device rolled back to slot B, runs ${good.name}, and sent its log (${lines} lines)`,
    ]
    return { value: ended.id, figures, trouble }
  })
}

/** Adds the artifact to the library, deploys it to the group, and watches to the end, logs included. */
async function deploy(
  { client, signal, story, host }: DemoBench,
  { name, path }: DemoUpdate,
): Promise<{ ended: DeploymentDetail; seconds: number }> {
  const { jobId } = await client.artifacts.add({ path, description: '' })
  const jobs = await until(client.jobs.list(undefined, { signal }), (all) => all.some((job) => job.id === jobId && job.state !== 'running'))
  const failure = jobs.find(({ id }) => id === jobId)?.failure
  if (failure) throw new AppError(failure.code, failure.message, failure.hint)
  const startedAt = host.clock.now()
  const { id } = await client.deployments.create({ name, artifactName: name, target: { kind: 'group', group: GROUP } })
  const seen = new Map<string, string>()
  const ended = await until(
    client.deployments.show({ id }, { signal }),
    ({ status, devices }) => status === 'finished' && devices.every((each) => each.status !== 'failure' || each.hasLog),
    ({ devices }) => {
      for (const { deviceName, status } of devices) {
        if (seen.get(deviceName) !== status) story.tell(`${deviceName}: ${status}`)
        seen.set(deviceName, status)
      }
    },
  )
  return { ended, seconds: (host.clock.now() - startedAt) / 1000 }
}

function statistics(deployment: DeploymentDetail): string {
  return Object.entries(deployment.statistics)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')
}

/** Prints the rolled-back update of the first device: what the server saw and what the board did, in one timeline, and the cause. */
export function printTimeline(
  { client, devices, story, out }: DemoBench,
  { ids, deploymentId }: { ids: string[]; deploymentId: string },
): Promise<void> {
  return story.step('Look at one device', async () => {
    const [first] = devices.all
    const known = await now(client.devices.list())
    const device = known.find(({ id, identity }) => ids.includes(id) && identity['mac'] === first?.mac)
    if (!first || !device) throw new AppError('NOT_FOUND', 'The first device is gone')
    const { entries } = await now(client.devices.timeline({ id: device.id, deploymentId }))
    const board = first.events.filter((event) => event.deploymentId === deploymentId)
    // The log that the device sent repeats what its console said.
    const seen = entries.filter(({ lane }) => lane !== 'log')
    const joined: Pick<TimelineEntry, 'at' | 'lane' | 'level' | 'text'>[] = [...seen, ...board].toSorted((a, b) => a.at - b.at)
    const start = joined[0]?.at ?? 0
    for (const { at, lane, level, text } of joined) {
      const line = `${((at - start) / 1000).toFixed(2).padStart(8)} s  ${lane.padEnd(6)}  ${entryText({ lane, text })}`
      out.verbatim({ at, lane, level, text }, level === 'error' ? story.paint('bad', line) : line)
    }
    const panic = board.find(({ text }) => text.includes('Kernel panic'))
    const trouble = panic ? [] : ['the console of the device does not say why']
    const figures = [
      `${joined.length} entries of ${first.name} (${first.mac})`,
      `cause: ${panic?.text.replace(/^\[.*?\] /, '') ?? 'unknown'}`,
    ]
    return { value: undefined, figures, trouble }
  })
}
