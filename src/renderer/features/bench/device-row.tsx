import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Checkbox } from '@mantine/core'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { ByteBar } from '../../ui/byte-bar.tsx'
import { CARD_STATES } from '../../ui/card-states.ts'
import { Chip } from '../../ui/chip.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import type { SortBy } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import { NextPoll } from './card-activity.tsx'
import styles from './device-row.module.css'
import { indentOf } from './topology-rows.ts'
import { composedName } from './device-words.ts'

interface DeviceRowProps {
  device: Device
  isInspected: boolean
  isMarked: boolean
  isFocusable: boolean
  index: number
  /** How deep in the topology it stands; 0 outside of it. */
  level?: number
}

/** One board in a line. */
export const DeviceRow = memo(function DeviceRow({ device, isInspected, isMarked, isFocusable, index, level = 0 }: DeviceRowProps) {
  const { id, name, card, deviceType, group, artifactName, deployment, virtual } = device
  const progress = card.state === 'downloading' ? (deployment?.progress ?? null) : null
  return (
    <div
      className={styles.row}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- only rows in sight are drawn, where they stand: no table does that
      role="row"
      aria-label={composedName(device)}
      aria-rowindex={index + 2}
      aria-level={level === 0 ? undefined : level}
      aria-selected={isMarked}
      data-device={id}
      data-selected={isMarked || isInspected}
      data-muted={CARD_STATES[card.state].isMuted}
      tabIndex={isFocusable ? 0 : -1}
    >
      <Cell>
        <Mark id={id} name={name} isMarked={isMarked} />
      </Cell>
      <Cell className={styles.name} title={name} level={level}>
        {name} {virtual !== null && <Chip>{t`virtual`}</Chip>}
      </Cell>
      <Cell className={styles.state}>
        <StateWord {...CARD_STATES[card.state]} isTurning={card.state === 'rebooting' || card.state === 'installing'} />
        {progress === null ? (
          <span className={styles.cut} title={card.detail}>
            {card.detail}
          </span>
        ) : (
          <ByteBar {...progress} label={t`Download to ${name}`} />
        )}
      </Cell>
      <Cell className={styles.cut} title={artifactName ?? undefined}>
        {artifactName ?? <span className="dim">{t`not said yet`}</span>}
      </Cell>
      <Cell className={`${styles.cut} ${styles.spare}`}>{deviceType}</Cell>
      <Cell className={`${styles.cut} ${styles.spare}`}>{group}</Cell>
      <Cell className={styles.poll}>
        <NextPoll device={device} isShort />
      </Cell>
    </div>
  )
})

const Mark = memo(function Mark({ id, name, isMarked }: { id: string; name: string; isMarked: boolean }) {
  const toggle = useBench((state) => state.toggle)
  return <Checkbox size="xs" tabIndex={-1} aria-label={t`Mark ${name}`} checked={isMarked} onChange={() => toggle(id)} />
})

interface CellProps {
  children: ReactNode
  className?: string | undefined
  title?: string | undefined
  level?: number
}

function Cell({ children, className, title, level = 0 }: CellProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the row
    <span role="gridcell" className={className} title={title} style={level === 0 ? undefined : { paddingLeft: indentOf(level) }}>
      {children}
    </span>
  )
}

const COLUMNS: readonly (readonly [SortBy, string, string | undefined])[] = [
  ['name', t`Name`, undefined],
  ['state', t`State`, undefined],
  ['software', t`Software`, undefined],
  ['type', t`Device type`, styles.spare],
  ['group', t`Group`, styles.spare],
  ['poll', t`Next poll`, styles.poll],
]

/** The names of the columns, which sort by them. */
export function TableHead() {
  const { sort, sortBy } = useBench()
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as the rows below it
    <div className={styles.headRow} role="row" aria-rowindex={1}>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the rows */}
      <span role="columnheader">
        <span className="sr-only">{t`Marked`}</span>
      </span>
      {COLUMNS.map(([by, title, className]) => (
        <span
          key={by}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the rows
          role="columnheader"
          className={className}
          aria-sort={sort.by === by ? (sort.isDown ? 'descending' : 'ascending') : undefined}
        >
          <button type="button" className={styles.sort} onClick={() => sortBy(by)}>
            {title}
            {sort.by === by && <Arrow size={11} aria-hidden />}
          </button>
        </span>
      ))}
    </div>
  )
}
