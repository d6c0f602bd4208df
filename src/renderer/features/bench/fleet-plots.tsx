import { plural, t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import { ChartNoAxesCombined } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { Empty } from '../../ui/empty.tsx'
import styles from './fleet-plots.module.css'
import { PollHistogram, PollLegend } from './poll-plots.tsx'
import { VersionPlot } from './version-plot.tsx'
import { Refusal } from '../../ui/refusal.tsx'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SPANS = [
  ['all', t`All times`, null],
  ['hour', t`Last hour`, HOUR_MS],
  ['day', t`Last day`, DAY_MS],
  ['week', t`Last week`, 7 * DAY_MS],
  ['month', t`Last month`, 30 * DAY_MS],
  ['half', t`Last six months`, 183 * DAY_MS],
] as const

/** What the fleet runs over time, and how it polls. */
export function FleetPlots() {
  const [span, setSpan] = useState<string>('all')
  const [group, setGroup] = useState<string | null>(null)
  const [deviceType, setDeviceType] = useState<string | null>(null)
  const spanMs = SPANS.find(([each]) => each === span)?.[2] ?? null
  const query = { spanMs, group, deviceType }
  const versions = useLive(`devices.versions ${JSON.stringify(query)}`, (engine, signal) => engine.devices.versions(query, { signal }))
  const { value, failure } = versions
  if (failure !== null) return <Refusal failure={failure} className={styles.page} />
  if (value?.firstAt === null)
    return (
      <Empty
        icon={ChartNoAxesCombined}
        title={t`Nothing to draw yet`}
        text={t`From the moment an accepted device says what it runs, its versions are drawn here over time, and how often it polls.`}
      />
    )
  return (
    <div className={styles.page}>
      <div className={styles.choices}>
        <Select
          aria-label={t`Span`}
          w={150}
          allowDeselect={false}
          data={SPANS.map(([each, label]) => ({ value: each, label }))}
          value={span}
          onChange={(next) => setSpan(next ?? 'all')}
        />
        <Select
          aria-label={t`Group`}
          w={170}
          clearable
          placeholder={t`All groups`}
          data={value?.groups ?? []}
          value={group}
          onChange={setGroup}
        />
        <Select
          aria-label={t`Device type`}
          w={170}
          clearable
          placeholder={t`All device types`}
          data={value?.deviceTypes ?? []}
          value={deviceType}
          onChange={setDeviceType}
        />
      </div>
      <section className={styles.section} aria-label={t`Versions over time`}>
        <h2 className={styles.title}>{t`Versions over time`}</h2>
        {value !== null && <VersionPlot {...value} />}
      </section>
      <section className={styles.section} aria-label={t`Intervals between polls`}>
        <h2 className={styles.title}>{t`Intervals between polls`}</h2>
        <Polls group={group} deviceType={deviceType} />
      </section>
    </div>
  )
}

function Polls(query: { group: string | null; deviceType: string | null }) {
  const { value, failure } = useLive(`devices.fleetPolls ${JSON.stringify(query)}`, (engine, signal) =>
    engine.devices.fleetPolls(query, { signal }),
  )
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null) return null
  const { bins, expectedMs, deviceCount, lateDeviceCount, isPart } = value
  if (bins.length === 0) return <p className="dim">{t`None of these devices has polled twice yet.`}</p>
  return (
    <>
      <p className={styles.facts}>
        {isPart
          ? t`The last intervals of ${plural(deviceCount, { one: '# device', other: '# devices' })}, spread over all that there are.`
          : t`The last intervals of ${plural(deviceCount, { one: '# device', other: '# devices' })}.`}{' '}
        {lateDeviceCount === 0
          ? t`Nobody is late.`
          : t`${plural(lateDeviceCount, { one: '# device', other: '# devices' })} polled late the last time, or should have polled by now.`}
      </p>
      <PollHistogram bins={bins} expectedMs={expectedMs} height={120} />
      <PollLegend bins={bins} expectedMs={expectedMs} />
    </>
  )
}
