import { useId } from 'react'
import styles from './plot.module.css'
import { type Size, stacked, stepArea, xOf, yOf } from './shapes.ts'

/** How a series is told from the others, by colour and by pattern: a number of the palette, or what it means. */
export type SeriesLook = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 'rest' | 'rate' | 'ok' | 'late' | 'plain'

/** What is drawn over the colour, as lines in a square of six. */
const PATTERNS: Readonly<Partial<Record<SeriesLook, string>>> = {
  2: 'M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2',
  3: 'M0,1.5 h6 M0,4.5 h6',
  4: 'M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2',
  5: 'M1.5,0 v6 M4.5,0 v6',
  6: 'M0,0 l6,6 M0,6 l6,-6',
  7: 'M3,2 v2 M2,3 h2',
  rest: 'M0,3 h2',
  late: 'M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2',
}

function Pattern({ id, look }: { id: string; look: SeriesLook }) {
  const lines = PATTERNS[look]
  if (lines === undefined) return null
  return (
    <pattern id={`${id}-${look}`} width="6" height="6" patternUnits="userSpaceOnUse">
      <path className={styles.pattern} d={lines} />
    </pattern>
  )
}

/** A shape in the colour of its series, with its pattern over it. */
function Shape({ id, look, points }: { id: string; look: SeriesLook; points: string }) {
  return (
    <>
      <polygon className={styles.shape} data-look={look} points={points} />
      {PATTERNS[look] !== undefined && <polygon fill={`url(#${id}-${look})`} points={points} />}
    </>
  )
}

export interface Layer {
  look: SeriesLook
  values: readonly number[]
}

interface LayersProps {
  layers: readonly Layer[]
  top: number
  size: Size
}

/** Areas on top of each other. */
export function Areas({ layers, top, size }: LayersProps) {
  return <Stack layers={layers} outlinesOf={({ values }, bases) => [stepArea(values, bases, { top, size })]} />
}

/** Bars side by side, a step each, in parts on top of each other. */
export function Bars({ layers, top, size, widest = Infinity }: LayersProps & { widest?: number }) {
  const outlinesOf = ({ values }: Layer, bases: readonly number[]): string[] =>
    values.map((value, step) => {
      if (value <= 0) return ''
      const base = bases[step] ?? 0
      const [x, next] = [xOf(step, values.length, size), xOf(step + 1, values.length, size)]
      const space = Math.max(Math.min(2, (next - x) / 4), next - x - widest)
      const [low, high] = [yOf(base, top, size), yOf(base + value, top, size)]
      const [left, right] = [x + space / 2, next - space / 2]
      return `${left},${high} ${right},${high} ${right},${low} ${left},${low}`
    })
  return <Stack layers={layers} outlinesOf={outlinesOf} />
}

interface StackProps {
  layers: readonly Layer[]
  /** The outlines of what a layer is drawn as, on top of those before; empty where there is nothing. */
  outlinesOf: (layer: Layer, bases: readonly number[]) => string[]
}

/** Layers on top of each other, each in its look. */
function Stack({ layers, outlinesOf }: StackProps) {
  const id = useId()
  const bases = stacked(layers.map(({ values }) => values))
  return (
    <>
      <defs>
        {layers.map(({ look }) => (
          <Pattern key={look} id={id} look={look} />
        ))}
      </defs>
      {layers.flatMap((layer, index) =>
        outlinesOf(layer, bases[index] ?? []).map(
          (points, place) =>
            // oxlint-disable-next-line react/no-array-index-key -- a shape is its place in the plot
            points !== '' && <Shape key={`${layer.look} ${place}`} id={id} look={layer.look} points={points} />,
        ),
      )}
    </>
  )
}

interface LegendProps {
  items: readonly { look: SeriesLook; name: string; value?: string }[]
  /** What the dashed line stands for. */
  mark?: string | null
}

/** What the looks mean. */
export function Legend({ items, mark = null }: LegendProps) {
  const id = useId()
  return (
    <ul className={styles.legend}>
      {items.map(({ look, name, value }) => (
        <li key={name}>
          <svg width="14" height="10" aria-hidden>
            <defs>
              <Pattern id={id} look={look} />
            </defs>
            <Shape id={id} look={look} points="0,0 14,0 14,10 0,10" />
          </svg>
          <span>{name}</span>
          {value !== undefined && <span className={styles.value}>{value}</span>}
        </li>
      ))}
      {mark !== null && (
        <li>
          <svg width="14" height="10" aria-hidden>
            <line className={styles.mark} x1="0" x2="14" y1="5" y2="5" />
          </svg>
          <span>{mark}</span>
        </li>
      )}
    </ul>
  )
}

/** A value that all others are held against. */
export function Mark({ value, top, size }: { value: number; top: number; size: Size }) {
  const y = yOf(value, top, size)
  return <line className={styles.mark} x1="0" x2={size.width} y1={y} y2={y} />
}

/** The same where values run from left to right: a share of the width. */
export function UprightMark({ share, size }: { share: number; size: Size }) {
  return <line className={styles.mark} x1={share * size.width} x2={share * size.width} y1="0" y2={size.height} />
}
