import { t } from '@lingui/core/macro'
import { bytes } from '../format.ts'
import { Plot } from './plot.tsx'
import { Areas } from './series.tsx'
import { meanRate, niceTop } from './shapes.ts'

interface RatePlotProps {
  label: string
  summary: string
  /** Bytes a second, step by step. */
  rates: readonly number[]
  /** So many steps there will be in the end, where that is known. */
  count?: number
  /** Where a step begins, in words: a time, or a place. */
  from: (step: number) => string
  along?: readonly string[]
  height: number
  /** Without a scale. */
  isSmall?: boolean
  /** Steps are of as many bytes each, not of as much time. */
  isOverBytes?: boolean
}

/** Rows of the table. */
const ROWS = 12

/** How fast bytes go, step by step. */
export function RatePlot({ rates, count = rates.length, from, isSmall = false, isOverBytes = false, ...look }: RatePlotProps) {
  const most = rates.reduce((highest, rate) => Math.max(highest, rate), 0)
  // What a cache swallows at first must not flatten all that comes behind it.
  const top = niceTop(isSmall ? Math.min(most, 3 * median(rates) || most) : most)
  const values = Array.from({ length: Math.max(count, rates.length) }, (_, step) => rates[step] ?? 0)
  return (
    <Plot
      {...look}
      count={values.length}
      textAt={(step) => (step < rates.length ? `${from(step)}: ${bytes(rates[step] ?? 0)}/s` : t`${from(step)}: not yet`)}
      scale={isSmall ? [] : [`${bytes(top)}/s`, `${bytes(top / 2)}/s`, '0']}
      table={{
        titles: [t`From`, t`To`, t`Rate`],
        rows: () => rowsOf(rates, isOverBytes).map(({ step, end, rate }) => [from(step), from(end), `${bytes(rate)}/s`]),
      }}
    >
      {(size) => <Areas layers={[{ look: 'rate', values }]} top={top} size={size} />}
    </Plot>
  )
}

function median(rates: readonly number[]): number {
  return rates.toSorted((one, other) => one - other)[Math.floor(rates.length / 2)] ?? 0
}

/** The steps in a few rows. */
function rowsOf(rates: readonly number[], isOverBytes: boolean): { step: number; end: number; rate: number }[] {
  const every = Math.max(1, Math.ceil(rates.length / ROWS))
  return Array.from({ length: Math.ceil(rates.length / every) }, (_, index) => {
    const part = rates.slice(index * every, (index + 1) * every)
    return { step: index * every, end: index * every + part.length, rate: meanRate(part, isOverBytes) }
  })
}
