import { t } from '@lingui/core/macro'
import type { DeviceDetail } from '@contract/devices.ts'
import { Facts, Label } from '../../ui/chip.tsx'

/** The attributes that a device reports, by scope. */
export function InventoryTab({ attributes }: { attributes: DeviceDetail['inventory'] }) {
  const scopes = Map.groupBy(attributes, (attribute) => attribute.scope)
  if (attributes.length === 0)
    return <p className="dim">{t`The device has not sent its inventory yet. It does so after it is accepted.`}</p>
  return [...scopes].map(([scope, own]) => (
    <section key={scope}>
      <Label>{scope}</Label>
      <Facts rows={own.map(({ name, value }) => [name, Array.isArray(value) ? value.join(', ') : value])} />
    </section>
  ))
}
