import { Command } from 'commander'
import { resolve } from 'node:path'
import type { DeploymentDetail, DeploymentTarget } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { parseFilter } from '../../contract/filters.ts'
import { PAUSE_POINTS, type PausePoint, pausingMap } from '../../contract/update-control.ts'
import { writeAtomic } from '../../engine/lib/file-streams.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { until } from '../live.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { table } from '../text.ts'
import { findDevice } from './find-device.ts'
import { junit } from './deploy-junit.ts'
import { type PlanOptions, readPlan } from './deploy-plan.ts'

interface DeployOptions extends PlanOptions {
  filter?: string
  device: string[]
  group?: string
  all?: boolean
  name?: string
  force?: boolean
  wait?: boolean
  junit?: string
  pauseBefore?: PausePoint[]
}

/** `otabench deploy`: creates a deployment and, with --wait, follows it to its end (exit 5 when a device failed). */
export function deployCommand(context: CliContext): Command {
  return new Command('deploy')
    .description('Deploys the artifact of that name to accepted devices.')
    .argument('<artifact-name>')
    .option(
      '--device <device>',
      'a device by id, name or identity value; repeatable',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--group <name>', 'all accepted devices of a group')
    .option('--filter <expression>', 'devices by what they are, also ones that come later: "device_type=rpi4 and mem_mb>=512"')
    .option('--all', 'all accepted devices')
    .option('--name <text>', 'the name of the deployment; default: the artifact name')
    .option('--force', 'also to devices that say they run it already')
    .option('--at <time>', 'not before: +30m, 22:30 or 2026-05-01T22:30')
    .option('--phases <sizes>', 'let devices in by and by: 1,10%@+1h,rest; without a time when those before have ended')
    .option('--retries <count>', 'how often a device that fails gets it again')
    .option('--max-failures <count>', 'stop for the others when more devices have failed')
    .option('--max-devices <count>', 'with --filter: end when so many devices have got it')
    .option('--wait', 'follow it to its end; exit 5 when a device failed')
    .option('--pause-before <steps>', 'clients 3.x wait there for otabench deployments continue: install, reboot, commit', pausePoints)
    .option('--junit <file>', 'with --wait: write a JUnit report, a test case a device')
    .action((artifactName: string, options: DeployOptions) => deploy(artifactName, options, context))
}

function pausePoints(text: string): PausePoint[] {
  return text.split(',').map((word) => {
    const point = PAUSE_POINTS.find((each) => each === word.trim())
    if (!point)
      throw new AppError('BAD_INPUT', `--pause-before ${text}: there is no "${word}"`, `One or more of ${PAUSE_POINTS.join(',')}.`)
    return point
  })
}

async function deploy(artifactName: string, options: DeployOptions, context: CliContext): Promise<void> {
  if (options.junit !== undefined && !options.wait)
    throw new AppError('BAD_INPUT', 'Before its end a deployment has nothing to report', 'Give --wait together with --junit.')
  const plan = readPlan(options, context.host.clock.now())
  await using session = await context.openEngine()
  const { client } = session
  const target = await targetOf(client, options)
  const { id } = await client.deployments.create({
    name: options.name ?? artifactName,
    artifactName,
    target,
    isForced: options.force ?? false,
    plan,
    updateControlMap: pausingMap(options.pauseBefore ?? []),
  })
  if (!options.wait) return context.out.result({ id }, id)
  const ended = await follow(client, id, context)
  const rows = ended.devices.map((each) => [each.deviceName, each.status, each.explanation])
  context.out.result(ended, table(['device', 'status', 'explanation'], rows))
  if (options.junit !== undefined)
    await writeAtomic(context.host.files, resolve(context.cwd, options.junit), new TextEncoder().encode(junit(ended)))
  const isGood = ended.devices.every((each) => each.status === 'success' || each.status === 'already-installed')
  if (!isGood) throw new NegativeOutcome(EXIT_NEGATIVE)
}

async function targetOf(client: EngineClient, options: DeployOptions): Promise<DeploymentTarget> {
  const { device, group, filter, all } = options
  const given = [device.length > 0, group !== undefined, filter !== undefined, all === true].filter(Boolean).length
  if (given !== 1)
    throw new AppError('BAD_INPUT', 'Say whom to deploy to, in one way', 'Give --device (repeatable), --group, --filter or --all.')
  if (filter !== undefined) return { kind: 'filter', filter: parseFilter(filter) }
  if (group !== undefined) return { kind: 'group', group }
  if (all) return { kind: 'all' }
  const found = await Promise.all(device.map((name) => findDevice(client, name)))
  return { kind: 'devices', ids: found.map(({ id }) => id) }
}

/** The finished deployment; CANCELLED when the command is told to stop, which leaves the deployment going on. */
async function follow(client: EngineClient, id: string, { out, signal }: CliContext): Promise<DeploymentDetail> {
  const seen = new Map<string, string>()
  try {
    return await until(
      client.deployments.show({ id }, { signal }),
      ({ status }) => status === 'finished',
      ({ devices }) => {
        for (const { deviceId, deviceName, status } of devices) {
          if (seen.get(deviceId) === status) continue
          seen.set(deviceId, status)
          out.note(`${deviceName}: ${status}`)
        }
      },
    )
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    throw new AppError('CANCELLED', `The deployment ${id} goes on`, `See otabench deployments show ${id}.`, thrown)
  }
}
