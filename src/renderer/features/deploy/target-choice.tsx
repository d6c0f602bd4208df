import { t } from '@lingui/core/macro'
import type { DeploymentTarget } from '@contract/deployments.ts'
import type { Device } from '@contract/devices.ts'
import { Checkbox, SegmentedControl, Select } from '@mantine/core'
import { memo, useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { CARD_STATES } from '../../ui/card-states.ts'
import { StateWord } from '../../ui/state-word.tsx'
import styles from './deploy-dialog.module.css'
import { FilterField } from './filter-field.tsx'
import { toggled } from './target.ts'

interface TargetChoiceProps {
  /** Accepted devices. */
  devices: readonly Device[]
  target: DeploymentTarget | null
  onChange: (target: DeploymentTarget | null) => void
}

/** To whom: ticked devices, a group, or all. Nothing is ticked that the caller did not name. */
export const TargetChoice = memo(function TargetChoice({ devices, target, onChange }: TargetChoiceProps) {
  const listed = useLive('groups.list', (engine, signal) => engine.groups.list(undefined, { signal })).value ?? []
  const groups = listed.map(({ name }) => name)
  const [isFiltering, setFiltering] = useState(false)
  const kind = target?.kind ?? (isFiltering ? 'filter' : 'devices')
  function choose(next: string): void {
    setFiltering(next === 'filter')
    if (next === 'all') onChange({ kind: 'all' })
    else if (next === 'group' && groups[0] !== undefined) onChange({ kind: 'group', group: groups[0] })
    else onChange(null)
  }
  return (
    <fieldset className={styles.targets}>
      <legend className={styles.legend}>{t`Devices`}</legend>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t`Kind of target`}
        value={kind}
        onChange={choose}
        data={[
          { value: 'devices', label: t`Ticked` },
          { value: 'group', label: t`Group`, disabled: groups.length === 0 },
          { value: 'filter', label: t`Filter` },
          { value: 'all', label: t`All` },
        ]}
      />
      {target?.kind === 'group' && (
        <Select
          aria-label={t`Group`}
          data={groups}
          value={target.group}
          allowDeselect={false}
          onChange={(group) => group !== null && onChange({ kind: 'group', group })}
        />
      )}
      {kind === 'filter' && <FilterField onChange={onChange} />}
      <ul className={styles.devices} hidden={kind === 'filter'}>
        {devices.map((device) => (
          <li key={device.id} className={styles.device}>
            <Checkbox
              size="xs"
              label={device.name}
              checked={isAimed(target, device)}
              disabled={kind !== 'devices'}
              onChange={() => onChange(toggled(target, device.id))}
            />
            <StateWord {...CARD_STATES[device.card.state]} />
          </li>
        ))}
      </ul>
      {devices.length === 0 && (
        <p className="dim">{t`No device is accepted yet. Start the virtual bench, or accept a device that asks to join.`}</p>
      )}
    </fieldset>
  )
})

function isAimed(target: DeploymentTarget | null, device: Device): boolean {
  if (target === null) return false
  if (target.kind === 'devices') return target.ids.includes(device.id)
  return target.kind === 'all' || (target.kind === 'group' && device.group === target.group)
}
