import { AppError } from '../../contract/errors.ts'

/** On the data partition where a board has one: it outlives an update of the root file system. */
export const DATA_FOLDER = '/var/lib/mender'
/** Goes before the one of the data partition, key by key. */
export const SYSTEM_CONF = '/etc/mender/mender.conf'

/** The text of mender.conf, as it was before and with these settings. BAD_INPUT where it is no JSON object. */
export function withSettings(before: string, settings: Readonly<Record<string, unknown>>, path: string): string {
  return `${JSON.stringify({ ...parsed(before, path), ...settings }, null, 2)}\n`
}

/** The settings that another mender.conf says otherwise, and which therefore would not count. */
export function overruled(other: string, settings: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
  const said = parsed(other, path)
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => name in said && JSON.stringify(said[name]) !== JSON.stringify(value)),
  )
}

function parsed(text: string, path: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value))
  } catch (thrown) {
    throw bad(path, thrown)
  }
  throw bad(path)
}

function bad(path: string, cause?: unknown): AppError {
  return new AppError('BAD_INPUT', `${path} on the board is not a JSON object`, 'Correct or remove it there.', cause)
}
