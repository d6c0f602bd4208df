import type { FleetPolls, PollBin, VersionFigures } from '../../contract/figures.ts'
import { readSpan } from '../args.ts'
import type { EngineClient } from '../context.ts'
import { now } from '../live.ts'
import type { Printer } from '../print.ts'
import { sparkline, table, time } from '../text.ts'
import { findDevice } from './find-device.ts'

export interface FleetOptions {
  group?: string
  type?: string
}

export interface VersionOptions extends FleetOptions {
  since?: string
}

const number = (count: number): string => count.toLocaleString('en')

/** How long something takes, as people say it. */
function interval(ms: number): string {
  const [length, unit] = ms >= 3_600_000 ? [3_600_000, 'h'] : ms >= 60_000 ? [60_000, 'min'] : ms >= 1000 ? [1000, 's'] : [1, 'ms']
  return `${Math.round((ms / length) * 10) / 10} ${unit}`
}

/** `otabench devices versions`. */
export async function versions(client: EngineClient, { since, group, type }: VersionOptions, out: Printer): Promise<void> {
  const query = { spanMs: since === undefined ? null : readSpan('--since', since), group: group ?? null, deviceType: type ?? null }
  const figures = await now(client.devices.versions(query))
  out.result(figures, versionsText(figures))
}

function versionsText({ fromAt, stepMs, versions: shown }: VersionFigures): string {
  const count = shown[0]?.counts.length ?? 0
  if (count === 0) return 'None of these devices has said what it runs in this time.'
  const most = Math.max(...shown.flatMap(({ counts }) => counts))
  const rows = shown.map(({ artifactName, counts }) => [
    ...[artifactName ?? 'all others', number(counts[0] ?? 0), number(counts.at(-1) ?? 0), sparkline(counts, most)],
  ])
  return `${time(fromAt)} to ${time(fromAt + count * stepMs)}\n${table(['artifact', 'then', 'now', 'over time'], rows)}`
}

/** `otabench devices polls`: of one, or of all. */
export async function polls(
  client: EngineClient,
  name: string | undefined,
  { options, out }: { options: FleetOptions; out: Printer },
): Promise<void> {
  if (name === undefined) return printFleet(client, options, out)
  const device = await findDevice(client, name)
  const figures = await now(client.devices.polls({ id: device.id }))
  const { polls: last, expectedMs, bins } = figures
  const lines = [
    `${device.name}: ${expectedMs === null ? 'no usual interval yet' : `usually ${interval(expectedMs)}`}`,
    ...last.slice(-10).map(({ at, gapMs, kind }) => `${time(at)}  after ${interval(gapMs)}${kind === 'on-time' ? '' : `  ${kind}`}`),
    binsText(bins),
  ]
  out.result(figures, last.length === 0 ? `${device.name} has not polled twice yet.` : lines.join('\n'))
}

async function printFleet(client: EngineClient, { group, type }: FleetOptions, out: Printer): Promise<void> {
  const figures = await now(client.devices.fleetPolls({ group: group ?? null, deviceType: type ?? null }))
  out.result(figures, fleetText(figures))
}

function fleetText({ bins, expectedMs, deviceCount, lateDeviceCount, isPart }: FleetPolls): string {
  if (bins.length === 0) return 'None of these devices has polled twice yet.'
  const usual = expectedMs === null ? '' : `, usually ${interval(expectedMs)}`
  const who = `${number(deviceCount)} devices${isPart ? ', spread over all that there are' : ''}`
  return `${who}${usual}; ${number(lateDeviceCount)} polled late the last time, or should have polled by now\n${binsText(bins)}`
}

const WIDTH = 30

function binsText(bins: readonly PollBin[]): string {
  const counts = bins.map(({ onTimeCount, lateCount, updateCount }) => onTimeCount + lateCount + updateCount)
  const most = Math.max(1, ...counts)
  const rows = bins.map(({ fromMs, toMs, onTimeCount, lateCount, updateCount }, index) => [
    ...[`${interval(fromMs)} to ${interval(toMs)}`, number(onTimeCount), number(lateCount), number(updateCount)],
    '█'.repeat(Math.ceil(((counts[index] ?? 0) / most) * WIDTH)),
  ])
  return table(['interval', 'in time', 'late', 'update', ''], rows)
}
