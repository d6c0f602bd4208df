import { number } from '../../ui/format.ts'
import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core'
import { ArrowDown, ArrowUp, Check, type LucideIcon, Rocket, Tag, X } from 'lucide-react'
import { memo, useState } from 'react'
import { type ActionId, actionOf } from '../../app/actions.ts'
import { perform } from '../../app/offers.ts'
import { useKeyHint } from '../../app/use-key-hint.ts'
import { GROUPS, SORTS } from './bench-rows.ts'
import { useBench, VIEWS } from './bench-state.ts'
import { FilterChips } from './filter-chips.tsx'
import styles from './bench-tools.module.css'
import { askingAuthset } from './device-words.ts'

const NONE: readonly Device[] = []

/** How the bench is looked at; and while devices are marked, what can be done with them together. */
export function BenchTools({ devices }: { devices: readonly Device[] }) {
  const marked = useBench((state) => state.marked)
  const [isFiltering, setFiltering] = useState(false)
  const chosen = marked.length === 0 ? NONE : devices.filter(({ id }) => marked.includes(id))
  return (
    <div className={styles.tools}>
      {chosen.length > 0 ? <Marked chosen={chosen} /> : <Look devices={isFiltering ? devices : null} onFiltering={setFiltering} />}
    </div>
  )
}

interface LookProps {
  /** null while nobody wants to see how many of them there are of which kind. */
  devices: readonly Device[] | null
  onFiltering: (isFiltering: boolean) => void
}

const Look = memo(function Look({ devices, onFiltering }: LookProps) {
  const { view, setView } = useBench()
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t`View`}
        data={[...VIEWS]}
        value={view}
        onChange={(next) => setView(VIEWS.find(({ value }) => value === next)?.value ?? 'cards')}
      />
      {view !== 'plots' && <Order devices={devices} onFiltering={onFiltering} />}
    </>
  )
})

function Order({ devices, onFiltering }: LookProps) {
  const { view, sort, sortBy, groupBy, setGroupBy } = useBench()
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    <>
      {view !== 'topology' && (
        <Select
          aria-label={t`Groups`}
          w={150}
          allowDeselect={false}
          data={GROUPS.map(([value, label]) => ({ value, label }))}
          value={groupBy}
          onChange={(next) => setGroupBy(GROUPS.find(([each]) => each === next)?.[0] ?? 'none')}
        />
      )}
      <Select
        aria-label={t`Order`}
        w={130}
        allowDeselect={false}
        data={SORTS.map(([value, label]) => ({ value, label }))}
        value={sort.by}
        onChange={(next) => {
          const by = SORTS.find(([each]) => each === next)?.[0]
          if (by !== undefined && by !== sort.by) sortBy(by)
        }}
      />
      <ActionIcon aria-label={sort.isDown ? t`Sort up` : t`Sort down`} onClick={() => sortBy(sort.by)}>
        <Arrow size={14} />
      </ActionIcon>
      <FilterChips devices={devices} onFiltering={onFiltering} />
    </>
  )
}

interface Bulk {
  action: ActionId
  label: string
  icon: LucideIcon
  /** Whom of the marked it is for. */
  isFor: (device: Device) => boolean
}

const asks = (device: Device): boolean => askingAuthset(device) !== null

const BULK: readonly Bulk[] = [
  { action: 'device.deploy', label: t`Deploy…`, icon: Rocket, isFor: ({ status }) => status === 'accepted' },
  { action: 'device.accept', label: t`Accept`, icon: Check, isFor: asks },
  { action: 'device.reject', label: t`Reject`, icon: X, isFor: asks },
  { action: 'device.group', label: t`Group…`, icon: Tag, isFor: () => true },
]

function Marked({ chosen }: { chosen: readonly Device[] }) {
  const { mark } = useBench()
  const hint = useKeyHint()
  return (
    <fieldset className={styles.marked} aria-label={t`Marked devices`}>
      <span>{t`${number(chosen.length)} marked`}</span>
      {BULK.map(({ action, label, icon: Icon, isFor }) => {
        const count = chosen.filter(isFor).length
        return (
          <Button
            key={action}
            variant="default"
            leftSection={<Icon size={13} />}
            disabled={count === 0}
            title={count === 0 ? actionOf(action).needs : hint(action).shown}
            onClick={() => perform(action, null)}
          >
            {count > 0 && count < chosen.length ? `${label} (${count})` : label}
          </Button>
        )
      })}
      <Button variant="subtle" color="gray" onClick={() => mark([])}>
        {t`Clear`}
      </Button>
    </fieldset>
  )
}
