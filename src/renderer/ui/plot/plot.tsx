import { useElementSize } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react'
import styles from './plot.module.css'
import { PlotTable, type PlotTableProps } from './plot-table.tsx'
import type { Size } from './shapes.ts'

interface PlotProps {
  /** What is drawn. */
  label: string
  /** What it comes to, in words; what stands at the cursor takes its place. */
  summary: string
  /** So many steps stand side by side. */
  count: number
  /** What stands at a step, in words. */
  textAt: (step: number) => string
  /** Along the left, from the top down; none where there is no room. */
  scale?: readonly string[]
  /** Along the bottom, from left to right. */
  along?: readonly string[]
  /** Whether each step has its text along the bottom. */
  isAlongEach?: boolean
  height: number
  table: PlotTableProps
  /** The shapes, once it is known how much room there is. */
  children: (size: Size) => ReactNode
}

/** A drawing over steps: the arrows or the pointer move a cursor that tells the exact values, and a table says the same. */
export function Plot({ label, summary, count, textAt, scale = [], along = [], isAlongEach = false, height, table, children }: PlotProps) {
  const { ref, width } = useElementSize()
  const [cursor, setCursor] = useState<number | null>(null)
  const last = Math.max(0, count - 1)
  const at = Math.min(cursor ?? last, last)
  const size = { width, height }
  const point = ({ nativeEvent }: PointerEvent): void =>
    setCursor(Math.max(0, Math.min(last, Math.floor((nativeEvent.offsetX / Math.max(1, width)) * count))))
  return (
    <figure className={styles.plot} aria-label={label}>
      <div className={styles.body}>
        <Texts className={styles.scale} texts={scale} />
        <div ref={ref} className={styles.field} style={{ height }}>
          {width > 0 && (
            <svg width={width} height={height} aria-hidden>
              {[0.5, height / 2, height - 0.5].map((y) => (
                <line key={y} className={styles.grid} x1="0" x2={width} y1={y} y2={y} />
              ))}
              {children(size)}
              {cursor !== null && <Cursor at={at} count={count} size={size} />}
            </svg>
          )}
          <input
            type="range"
            className={styles.range}
            aria-label={label}
            aria-valuetext={textAt(at)}
            min={0}
            max={last}
            value={at}
            onChange={(event) => setCursor(Number(event.currentTarget.value))}
            onKeyDown={keepKeys}
            onFocus={() => setCursor(at)}
            onBlur={() => setCursor(null)}
            onPointerMove={point}
            onPointerLeave={() => setCursor(null)}
          />
        </div>
        <Texts className={styles.along} texts={along} isEach={isAlongEach} />
      </div>
      <div className={styles.foot}>
        <PlotTable {...table} />
        <span className={styles.readout}>{cursor === null ? summary : textAt(at)}</span>
      </div>
    </figure>
  )
}

/** Along an edge of the plot. */
function Texts({ className, texts, isEach = false }: { className: string | undefined; texts: readonly string[]; isEach?: boolean }) {
  if (texts.length === 0) return null
  return (
    <div className={className} data-each={isEach} aria-hidden>
      {texts.map((text, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- texts may be the same, and their places are all there is
        <span key={index}>{text}</span>
      ))}
    </div>
  )
}

function Cursor({ at, count, size }: { at: number; count: number; size: Size }) {
  const x = ((at + 0.5) / Math.max(1, count)) * size.width
  return <line className={styles.cursor} x1={x} x2={x} y1="0" y2={size.height} />
}

/** Around a plot the arrows move between other things. */
function keepKeys(event: KeyboardEvent): void {
  if (/^(Arrow|Home$|End$|Page)/.test(event.key)) event.stopPropagation()
}
