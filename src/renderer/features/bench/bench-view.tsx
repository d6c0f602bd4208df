import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { DiscoveredBoard } from '@contract/discovery.ts'
import type { Failure } from '@contract/errors.ts'
import { Button } from '@mantine/core'
import { Usb } from 'lucide-react'
import { type CSSProperties, useMemo, useRef } from 'react'
import { useWindow } from '../../app/window-state.ts'
import { useLive } from '../../app/use-live.ts'
import { Empty } from '../../ui/empty.tsx'
import type { BenchRow } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import styles from './bench-view.module.css'
import { DeviceCard } from './device-card.tsx'
import { DeviceRow, TableHead } from './device-row.tsx'
import { TopologyRow } from './topology-row.tsx'
import { useBenchHands } from './use-bench-hands.ts'
import { type BenchContent, useBenchRows } from './use-bench-rows.ts'

interface BenchViewProps {
  devices: readonly Device[]
  /** A filter leaves some out. */
  isFiltered: boolean
}

/** The devices as cards, as a table, or where they hang. */
export function BenchView({ devices, isFiltered }: BenchViewProps) {
  const isTopology = useBench((state) => state.view === 'topology')
  const places = useLive(isTopology ? 'topology.show' : null, (engine, signal) => engine.topology.show(undefined, { signal }))
  if (!isTopology) return <Rows content={{ devices, isFiltered, places: null }} />
  const { value, failure } = places
  if (value === null || (value.length === 0 && devices.length === 0)) return <NoTopology failure={failure} isKnown={value !== null} />
  return <Rows content={{ devices, isFiltered, places: value }} />
}

/** Of which only those in sight are drawn. */
function Rows({ content }: { content: BenchContent }) {
  const view = useBench((state) => state.view)
  const scroller = useRef<HTMLDivElement>(null)
  const { rows, order, columns, barWidth, virtual, focusable } = useBenchRows(content, scroller)
  const hands = useBenchHands({ scroller, rows, order, focusable, reveal: (row) => virtual.scrollToIndex(row) })
  const boards = useNoticed(view === 'topology')
  const role = ROLES[view]
  const table = role === null ? null : { role, 'aria-label': t`Devices`, 'aria-rowcount': rows.length + 1, 'aria-multiselectable': true }
  const heads: CSSProperties & { '--bar': string } = { '--bar': `${barWidth}px` }
  return (
    <div className={styles.view} style={heads} {...(table ?? { role: 'presentation' })}>
      {table !== null && <TableHead />}
      <div ref={scroller} className={styles.scroller} data-keys="bench" role={table === null ? 'presentation' : 'rowgroup'} {...hands}>
        <div className={styles.all} style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index]
            const style: CSSProperties & { '--columns': number } = { transform: `translateY(${start}px)`, '--columns': columns }
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={styles.row}
                data-view={view}
                style={style}
                role="presentation"
              >
                {row !== undefined && <Row row={row} index={index} focusable={focusable} boards={boards} />}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

const ROLES = { cards: null, table: 'grid', topology: 'treegrid', plots: null } as const

/** Boards that were noticed, by their first id. */
function useNoticed(isWanted: boolean): ReadonlyMap<string | null, DiscoveredBoard> {
  const found = useLive(isWanted ? 'discovery.list' : null, (engine, signal) => engine.discovery.list(undefined, { signal })).value
  return useMemo(() => new Map((found?.boards ?? []).map((board) => [board.ids[0] ?? null, board])), [found])
}

function NoTopology({ failure, isKnown }: { failure: Failure | null; isKnown: boolean }) {
  const showSheet = useWindow((state) => state.showSheet)
  if (failure !== null) return <Empty icon={Usb} title={failure.message} text={failure.hint} />
  if (!isKnown) return <output className={styles.waiting}>{t`Looking around…`}</output>
  return (
    <Empty
      icon={Usb}
      title={t`Nothing is plugged in`}
      text={t`Readers, serial adapters, hubs, and the devices of your networks show up here at once.`}
    >
      <Button variant="default" onClick={() => showSheet('hardware')}>
        {t`Add hardware`}
      </Button>
    </Empty>
  )
}

interface RowProps {
  row: BenchRow
  index: number
  focusable: string | null
  boards: ReadonlyMap<string | null, DiscoveredBoard>
}

function Row({ row, index, focusable, boards }: RowProps) {
  const { view, marked } = useBench()
  const inspector = useWindow((state) => state.inspector)
  if (row.kind === 'head') return <GroupHead {...row} isRow={view === 'table'} />
  if (row.kind === 'place') return <TopologyRow row={row} index={index} board={boards.get(row.place.boardId)} />
  return row.devices.map((device) => {
    const { id } = device
    const shown = { device, isInspected: id === inspector?.deviceId, isMarked: marked.includes(id), isFocusable: id === focusable }
    return view === 'cards' ? <DeviceCard key={id} {...shown} /> : <DeviceRow key={id} {...shown} index={index} level={row.level} />
  })
}

function GroupHead({ title, count, isRow }: { title: string; count: number; isRow: boolean }) {
  const text = (
    <>
      {title} <span className="dim">{plural(count, { one: '# device', other: '# devices' })}</span>
    </>
  )
  if (!isRow) return <h2 className={styles.head}>{text}</h2>
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as the rows below it
    <div className={styles.head} role="row">
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above */}
      <span role="gridcell">{text}</span>
    </div>
  )
}
