import { plural, t } from '@lingui/core/macro'
import type { DeploymentTarget } from '@contract/deployments.ts'
import { formatFilter } from '@contract/filters.ts'
import type { Device } from '@contract/devices.ts'

type Named = Pick<Device, 'id' | 'name' | 'group'>

/** Whom a deployment goes to, in words: `to virtual-02`, `to group lab (3 devices)`. */
export function targetWords(target: DeploymentTarget, devices: readonly Named[]): string {
  if (target.kind === 'all') return t`to every accepted device (${devices.length})`
  if (target.kind === 'group') {
    const count = devices.filter((device) => device.group === target.group).length
    return t`to group ${target.group} (${plural(count, { one: '# device', other: '# devices' })})`
  }
  if (target.kind === 'filter') return t`to devices with ${formatFilter(target.filter)}`
  const [first] = target.ids
  if (target.ids.length > 1) return t`to ${plural(target.ids.length, { one: '# device', other: '# devices' })}`
  return t`to ${devices.find((device) => device.id === first)?.name ?? first ?? ''}`
}

/** A name for the list of deployments. */
export function deploymentName(artifactName: string, target: DeploymentTarget, devices: readonly Named[]): string {
  return `${artifactName} ${targetWords(target, devices)}`
}

/** The target with a device added or taken out; null when nobody is left. */
export function toggled(target: DeploymentTarget | null, id: string): DeploymentTarget | null {
  const ids = target?.kind === 'devices' ? target.ids : []
  const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]
  return next.length === 0 ? null : { kind: 'devices', ids: next }
}

/** The target without devices that may not have it yet; null when nobody is left. One that is accepted meanwhile is in it again. */
export function amongAccepted(target: DeploymentTarget | null, accepted: readonly Pick<Device, 'id'>[]): DeploymentTarget | null {
  if (target?.kind !== 'devices') return target
  const known = new Set(accepted.map(({ id }) => id))
  const ids = target.ids.filter((id) => known.has(id))
  return ids.length === 0 ? null : { kind: 'devices', ids }
}
