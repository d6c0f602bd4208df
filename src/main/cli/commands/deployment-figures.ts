import type { AttemptFigures, DownloadFigures } from '../../contract/figures.ts'
import type { Printer } from '../print.ts'
import type { EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { size, sparkline, table, time } from '../text.ts'

const number = (count: number): string => count.toLocaleString('en')
const rate = (bytesPerSecond: number): string => `${size(bytesPerSecond)}/s`

/** `otabench deployments rates`. */
export async function printRates(client: EngineClient, query: { id: string; deviceId?: string }, out: Printer): Promise<void> {
  const figures = await now(client.deployments.downloads({ ...query, limit: 1000 }))
  out.result(figures, ratesText(figures))
}

/** The figures as a table; it says how many devices it leaves out. */
export function ratesText({ total, devices, deviceCount }: DownloadFigures): string {
  if (total === null) return 'Nobody has downloaded anything of it yet.'
  const row = (name: string, each: NonNullable<DownloadFigures['total']>): string[] => [
    ...[name, size(each.totalBytes), rate(each.averageRate), rate(each.peakRate), time(each.startAt), sparkline(each.rates)],
  ]
  const rows = [row('all together', total), ...devices.map((each) => row(each.deviceName, each))]
  const more = deviceCount - devices.length
  const text = table(['device', 'bytes', 'average', 'most', 'from', 'over time'], rows)
  return more > 0 && devices.length > 1 ? `${text}\nThe slowest: ${number(more)} more are not shown; name one to see it.` : text
}

/** `otabench deployments attempts`. */
export async function printAttempts(client: EngineClient, id: string, out: Printer): Promise<void> {
  const figures = await now(client.deployments.attempts({ id }))
  out.result(figures, attemptsText(figures))
}

function attemptsText({ allowedCount, attempts }: AttemptFigures): string {
  if (attempts.length === 0) return `No device has begun. Each may try ${allowedCount === 1 ? 'once' : `${allowedCount} times`}.`
  const rows = attempts.map(({ attempt, succeededCount, failedCount, activeCount }) =>
    [`${attempt} of ${allowedCount}`, ...[succeededCount, failedCount, activeCount].map(number)].flat(),
  )
  const reasons = attempts.flatMap(({ attempt, reasons: each }) =>
    each.map(({ why, deviceCount }) => `try ${attempt}: ${number(deviceCount)} × ${why === '' ? 'The reason was not kept.' : why}`),
  )
  return [table(['try', 'succeeded', 'failed', 'at work'], rows), ...reasons].join('\n')
}
