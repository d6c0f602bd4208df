import { bytes } from '../../ui/format.ts'
import styles from './lanes.module.css'

interface RateChartProps {
  /** Bytes a second, each over `sampleBytes` of the card. */
  samples: readonly number[]
  sampleBytes: number
  /** Up to where the card is written. */
  totalBytes: number | null
}

const HEIGHT = 32
/** Rows of the table. */
const ROWS = 10

/** The rate of writing along the card: where a worn card is slow. The same as a table, for who does not see it. */
export function RateChart({ samples, sampleBytes, totalBytes }: RateChartProps) {
  if (samples.length < 2) return <div className={styles.noChart} />
  const most = Math.max(...samples)
  const top = Math.min(most, 3 * median(samples))
  const count = Math.max(samples.length, Math.ceil((totalBytes ?? 0) / Math.max(1, sampleBytes)))
  const points = samples.map((rate, index) => `${index},${y(rate, top)} ${index + 1},${y(rate, top)}`).join(' ')
  return (
    <div className={styles.chart}>
      <svg
        viewBox={`0 0 ${count} ${HEIGHT}`}
        preserveAspectRatio="none"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an img has no shapes that follow the theme
        role="img"
        aria-label={`Rate of writing along the card, ${bytes(Math.min(...samples))}/s to ${bytes(most)}/s`}
      >
        <polygon points={`0,${HEIGHT} ${points} ${samples.length},${HEIGHT}`} />
      </svg>
      <details>
        <summary>{bytes(most)}/s at most</summary>
        <table>
          <thead>
            <tr>
              <th>From</th>
              <th>To</th>
              <th>Rate</th>
            </tr>
          </thead>
          <tbody>
            {rows(samples).map(({ from, to, rate }) => (
              <tr key={from}>
                <td>{bytes(from * sampleBytes)}</td>
                <td>{bytes(to * sampleBytes)}</td>
                <td>{bytes(rate)}/s</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}

/** What a cache swallows at first must not flatten all that comes behind it. */
function median(samples: readonly number[]): number {
  return samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)] ?? 0
}

function y(rate: number, top: number): number {
  return HEIGHT - Math.min(1, rate / Math.max(1, top)) * (HEIGHT - 2)
}

/** The samples in a few rows; the rate of each row is that of all its bytes. */
function rows(samples: readonly number[]): { from: number; to: number; rate: number }[] {
  const step = Math.ceil(samples.length / ROWS)
  return Array.from({ length: Math.ceil(samples.length / step) }, (_, index) => {
    const part = samples.slice(index * step, (index + 1) * step)
    const seconds = part.reduce((sum, rate) => sum + 1 / Math.max(1, rate), 0)
    return { from: index * step, to: index * step + part.length, rate: part.length / seconds }
  })
}
