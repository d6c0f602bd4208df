import { plural, t } from '@lingui/core/macro'
import type { VersionFigures } from '@contract/figures.ts'
import { number, plotTime } from '../../ui/format.ts'
import { Plot } from '../../ui/plot/plot.tsx'
import { Areas, Legend, type SeriesLook } from '../../ui/plot/series.tsx'
import { niceCount } from '../../ui/plot/shapes.ts'
import { useNow } from '../../ui/use-now.ts'

const LOOKS: readonly SeriesLook[] = [1, 2, 3, 4, 5, 6, 7]
/** Rows of the table. */
const ROWS = 24

const nameOf = (artifactName: string | null): string => artifactName ?? t`all others`

/** How many devices ran which artifact, on top of each other in the order in which these came. */
export function VersionPlot({ fromAt, stepMs, versions }: VersionFigures) {
  const now = useNow()
  const count = versions[0]?.counts.length ?? 0
  if (count === 0) return <p className="dim">{t`None of these devices has said what it runs in this time.`}</p>
  const sumAt = (step: number): number => versions.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0)
  const steps = Array.from({ length: count }, (_, step) => step)
  const top = niceCount(Math.max(...steps.map(sumAt)))
  const at = (step: number): string => plotTime(fromAt + step * stepMs, count * stepMs, now)
  const endOf = (step: number): string => at(step + 1)
  const words = (step: number): string => {
    const parts = versions.filter(({ counts }) => (counts[step] ?? 0) > 0)
    const each = parts.map(({ artifactName, counts }) => `${number(counts[step] ?? 0)} × ${nameOf(artifactName)}`)
    return `${endOf(step)}: ${each.join(', ') || t`no device`}`
  }
  const layers = versions.map(({ artifactName, counts }, index) => ({
    look: artifactName === null ? ('rest' as const) : (LOOKS[index] ?? 'rest'),
    name: nameOf(artifactName),
    values: counts,
  }))
  return (
    <>
      <Plot
        label={t`Devices by what they run`}
        summary={t`${plural(sumAt(count - 1), { one: '# device', other: '# devices' })} now`}
        count={count}
        textAt={words}
        scale={[number(top), number(top / 2), '0']}
        along={[at(0), at(count / 2), at(count)]}
        height={190}
        table={{
          titles: [t`Until`, ...versions.map(({ artifactName }) => nameOf(artifactName))],
          rows: () => rowsOf(count).map((step) => [endOf(step), ...versions.map(({ counts }) => number(counts[step] ?? 0))]),
        }}
      >
        {(size) => <Areas layers={layers} top={top} size={size} />}
      </Plot>
      <Legend items={layers.toReversed().map(({ look, name, values }) => ({ look, name, value: number(values.at(-1) ?? 0) }))} />
    </>
  )
}

/** Steps spread over all, the last one first. */
function rowsOf(count: number): number[] {
  const every = Math.ceil(count / ROWS)
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => count - 1 - index * every)
}
