import { Command } from 'commander'
import { resolve } from 'node:path'
import type { DeploymentDetail, DeploymentTarget } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { writeAtomic } from '../../engine/lib/file-streams.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { until } from '../live.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { table } from '../text.ts'
import { findDevice } from './devices.ts'
import { junit } from './deploy-junit.ts'

interface DeployOptions {
  device: string[]
  group?: string
  all?: boolean
  name?: string
  force?: boolean
  wait?: boolean
  junit?: string
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
    .option('--all', 'all accepted devices')
    .option('--name <text>', 'the name of the deployment; default: the artifact name')
    .option('--force', 'also to devices that say they run it already')
    .option('--wait', 'follow it to its end; exit 5 when a device failed')
    .option('--junit <file>', 'with --wait: write a JUnit report, a test case a device')
    .action((artifactName: string, options: DeployOptions) => deploy(artifactName, options, context))
}

async function deploy(artifactName: string, options: DeployOptions, context: CliContext): Promise<void> {
  if (options.junit !== undefined && !options.wait)
    throw new AppError('BAD_INPUT', 'Before its end a deployment has nothing to report', 'Give --wait together with --junit.')
  await using session = await context.openEngine()
  const { client } = session
  const target = await targetOf(client, options)
  const { id } = await client.deployments.create({
    name: options.name ?? artifactName,
    artifactName,
    target,
    isForced: options.force ?? false,
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
  const { device, group, all } = options
  const given = [device.length > 0, group !== undefined, all === true].filter(Boolean).length
  if (given !== 1) throw new AppError('BAD_INPUT', 'Say whom to deploy to, in one way', 'Give --device (repeatable), --group or --all.')
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
