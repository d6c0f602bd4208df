import { plural, t } from '@lingui/core/macro'
import type { DevicePolls, PollBin } from '@contract/figures.ts'
import { useLive } from '../../app/use-live.ts'
import { Label } from '../../ui/chip.tsx'
import { clock, interval, number, plotTime } from '../../ui/format.ts'
import { Plot } from '../../ui/plot/plot.tsx'
import { Bars, type Layer, Legend, Mark, UprightMark } from '../../ui/plot/series.tsx'
import { type Size, niceCount } from '../../ui/plot/shapes.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { useNow } from '../../ui/use-now.ts'

const LOOKS = [
  { kind: 'on-time', look: 'ok', name: t`in time`, counter: 'onTimeCount' },
  { kind: 'late', look: 'late', name: t`late`, counter: 'lateCount' },
  { kind: 'update', look: 'plain', name: t`with an update in between`, counter: 'updateCount' },
] as const

type Polls = DevicePolls['polls']

/** The intervals between the last polls of a device: one after the other, and by their length. */
export function DevicePollPlots({ id }: { id: string }) {
  const { value, failure } = useLive(`devices.polls ${id}`, (engine, signal) => engine.devices.polls({ id }, { signal }))
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null) return null
  const { polls, expectedMs, bins } = value
  return (
    <>
      <Label>{t`Intervals between polls`}</Label>
      {polls.length === 0 ? (
        <p className="dim">{t`They are drawn from its second poll on.`}</p>
      ) : (
        <>
          <PollStrip polls={polls} expectedMs={expectedMs} />
          <PollLegend bins={bins} expectedMs={expectedMs} />
          <Label>{t`By their length`}</Label>
          <PollHistogram bins={bins} expectedMs={expectedMs} height={64} />
        </>
      )}
    </>
  )
}

/** What is much longer than usual goes to the edge: one night must not flatten all others. */
const TOP = 2.5

function PollStrip({ polls, expectedMs }: { polls: Polls; expectedMs: number | null }) {
  const now = useNow()
  const [first, last] = [polls[0]?.at ?? now, polls.at(-1)?.at ?? now]
  const longest = Math.max(...polls.map(({ gapMs }) => gapMs))
  const top = expectedMs === null ? longest : Math.max(expectedMs * TOP, 1)
  const lateCount = polls.filter(({ kind }) => kind === 'late').length
  const words = ({ at, gapMs, kind }: Polls[number]): string =>
    kind === 'on-time' ? t`${interval(gapMs)} at ${clock(at)}` : t`${interval(gapMs)}, ${nameOf(kind)} at ${clock(at)}`
  return (
    <Plot
      label={t`Intervals between the last polls`}
      summary={`${plural(polls.length, { one: '# interval', other: '# intervals' })}, ${lateCount === 0 ? t`none late` : t`${lateCount} late`}`}
      count={polls.length}
      textAt={(step) => (polls[step] ? words(polls[step]) : '')}
      scale={[interval(top), interval(top / 2), '0']}
      along={[plotTime(first, last - first, now), plotTime(last, last - first, now)]}
      height={72}
      table={{
        titles: [t`Poll at`, t`After`, ''],
        rows: () => polls.toReversed().map((each) => [clock(each.at), interval(each.gapMs), nameOf(each.kind)]),
      }}
    >
      {(size) => (
        <>
          <Bars layers={LOOKS.map(({ kind, look }) => layer(look, polls, kind, top))} top={top} size={size} />
          {expectedMs !== null && <Mark value={expectedMs} top={top} size={size} />}
        </>
      )}
    </Plot>
  )
}

const nameOf = (wanted: Polls[number]['kind']): string => LOOKS.find(({ kind }) => kind === wanted)?.name ?? wanted

function layer(look: Layer['look'], polls: Polls, wanted: Polls[number]['kind'], top: number): Layer {
  return { look, values: polls.map(({ gapMs, kind }) => (kind === wanted ? Math.min(gapMs, top) : 0)) }
}

interface HistogramProps {
  bins: readonly PollBin[]
  expectedMs: number | null
  height: number
}

/** So many lengths are written along the bottom. */
const EDGES = 8

/** How many intervals are how long. */
export function PollHistogram({ bins, expectedMs, height }: HistogramProps) {
  const total = (bin: PollBin): number => bin.onTimeCount + bin.lateCount + bin.updateCount
  const top = niceCount(Math.max(...bins.map(total)))
  const words = (bin: PollBin): string => {
    const counts = LOOKS.filter(({ counter }) => bin[counter] > 0).map(({ counter, name }) => `${number(bin[counter])} ${name}`)
    const text = t`${interval(bin.fromMs)} to ${interval(bin.toMs)}: ${counts.join(', ') || t`none`}`
    return isExpected(bin, expectedMs) ? t`${text} (the usual length)` : text
  }
  // Side by side as long as there is room for them.
  const all = [...bins.map(({ fromMs }) => fromMs), bins.at(-1)?.toMs ?? 0].map(interval)
  const edges = all.length <= EDGES ? all : [all[0] ?? '', all.at(-1) ?? '']
  return (
    <Plot
      label={t`Intervals by their length`}
      summary={expectedMs === null ? '' : t`usually ${interval(expectedMs)}`}
      count={bins.length}
      textAt={(step) => (bins[step] ? words(bins[step]) : '')}
      scale={[number(top), number(top / 2), '0']}
      along={edges}
      height={height}
      table={{
        titles: [t`From`, t`To`, ...LOOKS.map(({ name }) => name)],
        rows: () => bins.map((bin) => [interval(bin.fromMs), interval(bin.toMs), ...LOOKS.map(({ counter }) => number(bin[counter]))]),
      }}
    >
      {(size) => (
        <>
          <Bars layers={LOOKS.map(({ look, counter }) => ({ look, values: bins.map((bin) => bin[counter]) }))} top={top} size={size} />
          <Expected bins={bins} expectedMs={expectedMs} size={size} />
        </>
      )}
    </Plot>
  )
}

const isExpected = ({ fromMs, toMs }: PollBin, expectedMs: number | null): boolean =>
  expectedMs !== null && fromMs <= expectedMs && expectedMs < toMs

function Expected({ bins, expectedMs, size }: Omit<HistogramProps, 'height'> & { size: Size }) {
  const at = bins.findIndex((bin) => isExpected(bin, expectedMs))
  const bin = bins[at]
  if (bin === undefined || expectedMs === null) return null
  const share = (expectedMs - bin.fromMs) / (bin.toMs - bin.fromMs)
  return <UprightMark share={(at + share) / bins.length} size={size} />
}

/** What the looks of intervals mean, as far as there are such. */
export function PollLegend({ bins, expectedMs }: { bins: readonly PollBin[]; expectedMs: number | null }) {
  const items = LOOKS.map(({ look, name, counter }) => ({ look, name, count: bins.reduce((sum, bin) => sum + bin[counter], 0) }))
  return (
    <Legend
      items={items.filter(({ count }) => count > 0).map(({ count, ...item }) => ({ ...item, value: number(count) }))}
      mark={expectedMs === null ? null : t`usually ${interval(expectedMs)}`}
    />
  )
}
