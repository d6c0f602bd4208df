/** That a device has one of these values, or with `isNot` that it has none of them. */
export interface DeviceTest {
  /** A column of the device, with texts; or an attribute by its number, with the numbers of its values. */
  of: 'status' | 'group_name' | 'id' | { name: number }
  isNot: boolean
  /** null: any at all. */
  values: readonly (string | number)[] | null
}

/** Among what is bound as a JSON list. */
export const LISTED = 'IN (SELECT value FROM json_each(?))'

export type Parameter = string | number

export function condition({ of, isNot, values }: DeviceTest): string {
  const not = isNot ? 'NOT ' : ''
  if (typeof of === 'string') return `${not}(device.${of} IS NOT NULL${values ? ` AND device.${of} ${LISTED}` : ''})`
  // The plus keeps SQLite with the primary key: one row a device.
  return `${not}EXISTS (SELECT 1 FROM attribute a WHERE a.device = device.number AND a.name = ?${values ? ` AND +a.value ${LISTED}` : ''})`
}

export function parametersOf({ of, values }: DeviceTest): Parameter[] {
  return [...(typeof of === 'string' ? [] : [of.name]), ...(values ? [JSON.stringify(values)] : [])]
}

/** All of them, as SQL. */
export const where = (tests: readonly DeviceTest[]): string => tests.map(condition).join(' AND ') || 'TRUE'
/** What is bound in it. */
export const parameters = (tests: readonly DeviceTest[]): Parameter[] => tests.flatMap(parametersOf)
