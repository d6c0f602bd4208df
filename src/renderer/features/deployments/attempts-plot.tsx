import type { AttemptFigures } from '@contract/figures.ts'
import { useLive } from '../../app/use-live.ts'
import { plural } from '../../ui/format.ts'
import { Plot } from '../../ui/plot/plot.tsx'
import { Bars, Legend } from '../../ui/plot/series.tsx'
import { niceCount } from '../../ui/plot/shapes.ts'
import styles from './figures.module.css'
import { Refusal } from '../../ui/refusal.tsx'

type Attempt = AttemptFigures['attempts'][number]

const LOOKS = [
  { look: 'ok', name: 'succeeded', counter: 'succeededCount' },
  { look: 'late', name: 'failed', counter: 'failedCount' },
  { look: 'plain', name: 'at work', counter: 'activeCount' },
] as const

/** Of a deployment that lets devices try again: at which try they succeeded, and why the others failed. */
export function AttemptsPlot({ id }: { id: string }) {
  const { value, failure } = useLive(`deployments.attempts ${id}`, (engine, signal) => engine.deployments.attempts({ id }, { signal }))
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null || (value.allowedCount === 1 && value.attempts.length < 2)) return null
  const { allowedCount, attempts } = value
  return (
    <section className={styles.figure} aria-label="Success by try">
      <h3 className={styles.title}>Success by try</h3>
      {attempts.length === 0 ? (
        <p className="dim">No device has begun. Each may try {allowedCount} times.</p>
      ) : (
        <>
          <Tries attempts={attempts} />
          <Reasons attempts={attempts} />
        </>
      )}
    </section>
  )
}

function Tries({ attempts }: { attempts: readonly Attempt[] }) {
  const top = niceCount(
    Math.max(...attempts.map(({ succeededCount, failedCount, activeCount }) => succeededCount + failedCount + activeCount)),
  )
  const succeeded = attempts.reduce((sum, { succeededCount }) => sum + succeededCount, 0)
  const words = (each: Attempt): string =>
    `Try ${each.attempt}: ${
      LOOKS.filter(({ counter }) => each[counter] > 0)
        .map(({ counter, name }) => `${each[counter].toLocaleString('en')} ${name}`)
        .join(', ') || 'none'
    }`
  return (
    <>
      <Plot
        label="Devices by try"
        summary={`${plural(succeeded, 'device')} succeeded`}
        count={attempts.length}
        textAt={(step) => (attempts[step] ? words(attempts[step]) : '')}
        scale={[top.toLocaleString('en'), (top / 2).toLocaleString('en'), '0']}
        along={attempts.length > 12 ? ['try 1', `try ${attempts.length}`] : attempts.map(({ attempt }) => `try ${attempt}`)}
        isAlongEach={attempts.length <= 12}
        height={88}
        table={{
          titles: ['Try', ...LOOKS.map(({ name }) => name)],
          rows: () => attempts.map((each) => [String(each.attempt), ...LOOKS.map(({ counter }) => each[counter].toLocaleString('en'))]),
        }}
      >
        {(size) => (
          <Bars
            widest={72}
            layers={LOOKS.map(({ look, counter }) => ({ look, values: attempts.map((each) => each[counter]) }))}
            top={top}
            size={size}
          />
        )}
      </Plot>
      <Legend items={LOOKS.filter(({ counter }) => attempts.some((each) => each[counter] > 0))} />
    </>
  )
}

function Reasons({ attempts }: { attempts: readonly Attempt[] }) {
  const reasons = attempts.flatMap(({ attempt, reasons: each }) => each.map((reason) => ({ attempt, ...reason })))
  if (reasons.length === 0) return null
  return (
    <ul className={styles.reasons} aria-label="Why devices failed">
      {reasons.map(({ attempt, why, deviceCount }) => (
        <li key={`${attempt} ${why}`}>
          <span className={styles.count}>
            Try {attempt}: {deviceCount.toLocaleString('en')} ×
          </span>
          <span>{why === '' ? 'The reason was not kept.' : why}</span>
        </li>
      ))}
    </ul>
  )
}
