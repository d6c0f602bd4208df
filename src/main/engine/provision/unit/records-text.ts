import { csvText } from '../../../contract/csv.ts'
import { AppError } from '../../../contract/errors.ts'
import type { UnitRecord } from '../../../contract/station.ts'
import { canonical } from './chain.ts'

const COLUMNS = [
  ...['sequence', 'result', 'serial', 'why', 'notUndone', 'number', 'identity', 'columns', 'order', 'slot', 'cardId', 'cardSureness'],
  ...[
    'cardName',
    'cardBytes',
    'imageSha256',
    'keyFingerprint',
    'server',
    'deviceId',
    'operator',
    'startedAt',
    'endedAt',
    'previous',
    'hash',
  ],
]

/** Records as a JSON array, a record a line, which an audit can verify; or as CSV for people. Times are ISO 8601 in the latter. */
export function recordsText(records: readonly UnitRecord[], format: 'json' | 'csv'): string {
  if (format === 'json') return records.length === 0 ? '[]\n' : `[\n${records.map(canonical).join(',\n')}\n]\n`
  return csvText(COLUMNS, records.map(rowOf))
}

function rowOf({ card, ...record }: UnitRecord): Record<string, string> {
  const { identity, columns, notUndone, startedAt, endedAt, ...rest } = record
  const pairs = (all: Readonly<Record<string, string>>) => Object.entries(all).map(([name, value]) => `${name}=${value}`)
  return {
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value === null ? '' : String(value)])),
    ...{ identity: pairs(identity).join('; '), columns: pairs(columns).join('; '), notUndone: notUndone.join('; ') },
    ...{ cardId: card?.id ?? '', cardSureness: card?.sureness ?? '', cardName: card?.name ?? '', cardBytes: String(card?.sizeBytes ?? '') },
    ...{ startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() },
  }
}

/** The records of a JSON file, whatever is in them; they may stand one a line as well. BAD_INPUT. */
export function parseRecords(text: string, name: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value
  } catch {
    // Not one value: perhaps one a line.
  }
  try {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.map((line): unknown => JSON.parse(line))
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${name} holds no records`, 'Name a file that otabench station export --format json wrote.', thrown)
  }
}
