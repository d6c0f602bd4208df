import type { Configuration } from '@contract/remote.ts'

export interface Setting {
  key: string
  value: string
}

/** What is wanted as rows to edit; a device that was never configured offers what it reports. */
export function draftOf({ configured, reported }: Configuration): Setting[] {
  const values = Object.keys(configured).length === 0 ? reported : configured
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value }))
}

/** The rows as a configuration; those without a key do not count. */
export function valuesOf(settings: readonly Setting[]): Record<string, string> {
  return Object.fromEntries(settings.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value]))
}

export function isChanged(settings: readonly Setting[], { configured }: Configuration): boolean {
  const values = valuesOf(settings)
  const keys = new Set([...Object.keys(values), ...Object.keys(configured)])
  return [...keys].some((key) => values[key] !== configured[key])
}
