import type { Device } from '@contract/devices.ts'
import { type CSSProperties, useRef } from 'react'
import { useWindow } from '../../app/window-state.ts'
import { plural } from '../../ui/format.ts'
import type { BenchRow } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import styles from './bench-view.module.css'
import { DeviceCard } from './device-card.tsx'
import { DeviceRow, TableHead } from './device-row.tsx'
import { useBenchHands } from './use-bench-hands.ts'
import { useBenchRows } from './use-bench-rows.ts'

/** The devices as cards or as a table, of which only those in sight are drawn. */
export function BenchView({ devices }: { devices: readonly Device[] }) {
  const view = useBench((state) => state.view)
  const scroller = useRef<HTMLDivElement>(null)
  const { rows, order, columns, virtual, focusable } = useBenchRows(devices, scroller)
  const hands = useBenchHands({ scroller, rows, order, focusable, reveal: (row) => virtual.scrollToIndex(row) })
  const table =
    view === 'table' ? { role: 'grid', 'aria-label': 'Devices', 'aria-rowcount': order.length + 1, 'aria-multiselectable': true } : null
  return (
    <div className={styles.view} {...(table ?? { role: 'presentation' })}>
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
                {row !== undefined && <Row row={row} index={index} focusable={focusable} />}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Row({ row, index, focusable }: { row: BenchRow; index: number; focusable: string | null }) {
  const { view, marked } = useBench()
  const { inspector } = useWindow()
  if (row.kind === 'head') return <GroupHead {...row} isRow={view === 'table'} />
  return row.devices.map((device) => {
    const { id } = device
    const shown = { device, isInspected: id === inspector?.deviceId, isMarked: marked.includes(id), isFocusable: id === focusable }
    return view === 'cards' ? <DeviceCard key={id} {...shown} /> : <DeviceRow key={id} {...shown} index={index} />
  })
}

function GroupHead({ title, count, isRow }: { title: string; count: number; isRow: boolean }) {
  const text = (
    <>
      {title} <span className="dim">{plural(count, 'device')}</span>
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
