import { csvLines, csvRefusal } from '../lib/csv-lines.ts'

/** A device that is expected: its identity, and its key as PEM or the file that it lies in. */
export interface ExpectedDevice {
  identity: Record<string, string>
  key: { pem: string } | { file: string }
  /** Where it stands in the list. */
  line: number
}

/** The column that holds the public key itself, and the one that names its file. */
const KEY = /^(public[ _-]?key|pub[ _-]?key)(_?pem)?$/i
const KEY_FILE = /^(public[ _-]?key|pub[ _-]?key)[ _-]?file$/i
const MAX_ROWS = 10_000

/** Whether the first line of a CSV file says that it lists devices with their keys. */
export const listsExpected = (columns: readonly string[]): boolean => columns.some((name) => KEY.test(name) || KEY_FILE.test(name))

/**
 * A list of devices that are expected, out of a CSV file: a column `public_key` with the PEM, or `public_key_file` with its path, and beside
 * it the attributes of the identity by their names. BAD_INPUT with the line.
 */
export function parseExpected(content: string, name: string): ExpectedDevice[] {
  const [head, ...lines] = [...csvLines(content, name)]
  const names = (head?.fields ?? []).map((each) => each.trim())
  if (!listsExpected(names))
    throw csvRefusal(name, 1, 'there is no column public_key', `The first line names the columns: ${names.join(', ') || 'none'}.`)
  if (new Set(names).size !== names.length || names.includes('')) throw csvRefusal(name, 1, 'a column has no name of its own', 'Name each.')
  const seen = new Map<string, number>()
  const devices = lines.map(({ fields, line }) => {
    if (fields.length !== names.length)
      throw csvRefusal(name, line, `it has ${fields.length} values for ${names.length} columns`, 'Correct the line.')
    const device = deviceOf(names, fields)
    if (device.key === null) throw csvRefusal(name, line, 'it has no public key', 'Each line needs one.')
    const identity = JSON.stringify(Object.entries(device.identity).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    if (identity === '[]')
      throw csvRefusal(name, line, 'it has no identity', 'Beside the key stand the attributes that a device is known by.')
    const before = seen.get(identity)
    if (before !== undefined) throw csvRefusal(name, line, `its identity is that of line ${before}`, 'Each device stands there once.')
    seen.set(identity, line)
    return { identity: device.identity, key: device.key, line }
  })
  if (devices.length === 0) throw csvRefusal(name, 2, 'there are no devices', 'Each line behind the first is one.')
  if (devices.length > MAX_ROWS) throw csvRefusal(name, MAX_ROWS + 2, `more than ${MAX_ROWS} devices`, 'Split the list.')
  return devices
}

function deviceOf(
  names: readonly string[],
  fields: readonly string[],
): { identity: ExpectedDevice['identity']; key: ExpectedDevice['key'] | null } {
  const values = names.map((name, at) => [name, (fields[at] ?? '').trim()] as const).filter(([, value]) => value !== '')
  const pem = values.find(([name]) => KEY.test(name))?.[1]
  const file = values.find(([name]) => KEY_FILE.test(name))?.[1]
  return {
    identity: Object.fromEntries(values.filter(([name]) => !KEY.test(name) && !KEY_FILE.test(name))),
    // Programs that write a value on one line write its line breaks so.
    key: pem !== undefined ? { pem: pem.replaceAll('\\n', '\n') } : file === undefined ? null : { file },
  }
}
