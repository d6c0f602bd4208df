import type { Device } from '@contract/devices.ts'
import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core'
import { ArrowDown, ArrowUp, Check, Rocket, Tag, X } from 'lucide-react'
import type { ActionId } from '../../app/actions.ts'
import { offersAt, perform, whyNot } from '../../app/offers.ts'
import { GROUPS, SORTS } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import styles from './bench-tools.module.css'

const VIEWS = [
  { value: 'cards', label: 'Cards' },
  { value: 'table', label: 'Table' },
] as const

/** How the bench is looked at; and while devices are marked, what can be done with them together. */
export function BenchTools({ devices }: { devices: readonly Device[] }) {
  const { marked } = useBench()
  const count = devices.filter(({ id }) => marked.includes(id)).length
  return <div className={styles.tools}>{count > 0 ? <Marked count={count} /> : <Look />}</div>
}

function Look() {
  const { view, setView, sort, sortBy, groupBy, setGroupBy } = useBench()
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="View"
        data={[...VIEWS]}
        value={view}
        onChange={(next) => setView(next === 'table' ? 'table' : 'cards')}
      />
      <Select
        aria-label="Groups"
        w={150}
        allowDeselect={false}
        data={GROUPS.map(([value, label]) => ({ value, label }))}
        value={groupBy}
        onChange={(next) => setGroupBy(GROUPS.find(([each]) => each === next)?.[0] ?? 'none')}
      />
      <Select
        aria-label="Order"
        w={130}
        allowDeselect={false}
        data={SORTS.map(([value, label]) => ({ value, label }))}
        value={sort.by}
        onChange={(next) => {
          const by = SORTS.find(([each]) => each === next)?.[0]
          if (by !== undefined && by !== sort.by) sortBy(by)
        }}
      />
      <ActionIcon aria-label={sort.isDown ? 'Sort up' : 'Sort down'} onClick={() => sortBy(sort.by)}>
        <Arrow size={14} />
      </ActionIcon>
    </>
  )
}

const BULK: readonly (readonly [ActionId, string, typeof Check])[] = [
  ['device.deploy', 'Deploy…', Rocket],
  ['device.accept', 'Accept', Check],
  ['device.reject', 'Reject', X],
  ['device.group', 'Group…', Tag],
]

function Marked({ count }: { count: number }) {
  const { mark } = useBench()
  const offers = offersAt(null)
  return (
    <fieldset className={styles.marked} aria-label="Marked devices">
      <span>{count.toLocaleString('en')} marked</span>
      {BULK.map(([id, label, Icon]) => {
        const why = whyNot(id, offers)
        return (
          <Button
            key={id}
            variant="default"
            leftSection={<Icon size={13} />}
            disabled={why !== null}
            title={why ?? undefined}
            onClick={() => perform(id, null)}
          >
            {label}
          </Button>
        )
      })}
      <Button variant="subtle" color="gray" onClick={() => mark([])}>
        Clear
      </Button>
    </fieldset>
  )
}
