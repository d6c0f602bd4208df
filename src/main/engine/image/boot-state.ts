import type { BootState } from '../../contract/images.ts'

/** null where the variables say nothing of it, or a partition that the card does not have. */
export function bootStateOf(variables: Readonly<Record<string, string>>, numbers: readonly number[]): BootState | null {
  const said = variables['mender_boot_part'] ?? ''
  const partition = /^\d{1,3}$/.test(said) ? Number(said) : null
  if (partition === null || !numbers.includes(partition)) return null
  const count = variables['bootcount'] ?? ''
  return { partition, isTrial: variables['upgrade_available'] === '1', bootCount: /^\d{1,9}$/.test(count) ? Number(count) : null }
}
