import { number } from '../../ui/format.ts'
import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { Failure } from '@contract/errors.ts'
import { Button, TextInput } from '@mantine/core'
import { Cpu, Search } from 'lucide-react'
import { memo } from 'react'
import { useArtifacts, useDevices } from '../../app/facts.tsx'
import { useWindow } from '../../app/window-state.ts'
import { needsPerson } from '../../ui/card-states.ts'
import { Empty } from '../../ui/empty.tsx'
import { Place } from '../../ui/place.tsx'
import { Refusal } from '../../ui/refusal.tsx'
import { useBench, type View } from './bench-state.ts'
import { BenchTools } from './bench-tools.tsx'
import { BenchView } from './bench-view.tsx'
import styles from './bench-place.module.css'
import { DeviceInspector } from './device-inspector.tsx'
import { Discovered } from './discovered.tsx'
import { FleetPlots } from './fleet-plots.tsx'
import { FirstRun } from './first-run.tsx'
import { LoneBoards, useLoneBoards } from './lone-boards.tsx'
import { chipWords } from './bench-filter.ts'
import { useShown } from './use-shown.ts'
import { VirtualBenchMenu } from './virtual-bench.tsx'

/** The views that are lists of devices: below them stands what is no device yet. */
const LISTS: readonly View[] = ['cards', 'table']

/** Every board, as a card or in a line. */
export function BenchPlace() {
  const devices = useDevices()
  const artifacts = useArtifacts()
  const inspector = useWindow((state) => state.inspector)
  const view = useBench((state) => state.view)
  const { shown, all, judged, failure } = useShown(devices.value)
  const lone = useLoneBoards()
  if (devices.value === null || artifacts.value === null) return <Waiting failure={devices.failure ?? artifacts.failure} />
  const isEmpty = devices.value.length === 0 && view !== 'topology'
  if (isEmpty && lone.length === 0) return <FirstRun hasArtifacts={artifacts.value.length > 0} />
  const waiting = devices.value.filter(needsPerson).length
  const inspected = [...devices.value, ...shown].find((device) => device.id === inspector?.deviceId)
  return (
    <Place
      title={t`Bench`}
      summary={<Summary count={shown.length} all={all} judged={judged} waiting={waiting} />}
      actions={<Actions />}
      aside={inspected !== undefined && <DeviceInspector device={inspected} />}
    >
      <div className={styles.bench}>
        {failure !== null && <Refusal failure={failure} className={styles.refusal} />}
        {!isEmpty && <Devices here={devices.value} shown={shown} hasAny={all > 0} />}
        <NoDevices isAlone={isEmpty} />
      </div>
    </Place>
  )
}

interface SummaryProps {
  count: number
  all: number
  judged: number | null
  /** How many ask for a person. */
  waiting: number
}

function Summary({ count, all, judged, waiting }: SummaryProps) {
  return (
    <>
      <span>
        {count === all
          ? plural(all, { one: '# device', other: '# devices' })
          : t`${number(count)} of ${plural(all, { one: '# device', other: '# devices' })}`}
      </span>
      {judged !== null && <span>{t`state asked of the first ${number(judged)} only`}</span>}
      {waiting > 0 && <strong>{plural(waiting, { one: '# needs you', other: '# need you' })}</strong>}
    </>
  )
}

const NoDevices = memo(function NoDevices({ isAlone }: { isAlone: boolean }) {
  const view = useBench((state) => state.view)
  if (!isAlone && !LISTS.includes(view)) return null
  return (
    <>
      <LoneBoards isAlone={isAlone} />
      <Discovered isStrip />
    </>
  )
})

function Devices({ here, shown, hasAny }: { here: readonly Device[]; shown: readonly Device[]; hasAny: boolean }) {
  const view = useBench((state) => state.view)
  return (
    <>
      <BenchTools devices={here} />
      {view === 'plots' ? (
        <FleetPlots />
      ) : shown.length === 0 && hasAny ? (
        <NothingFits />
      ) : (
        <BenchView devices={shown} isFiltered={shown.length < here.length} />
      )}
    </>
  )
}

const Actions = memo(function Actions() {
  const showSheet = useWindow((state) => state.showSheet)
  return (
    <>
      <FilterField />
      <Button variant="default" leftSection={<Cpu size={13} />} onClick={() => showSheet('hardware')}>
        {t`Add hardware`}
      </Button>
      <VirtualBenchMenu />
    </>
  )
})

function FilterField() {
  const { filter, setFilter } = useWindow()
  return (
    <TextInput
      type="search"
      aria-label={t`Filter devices`}
      placeholder={t`Filter by name, state, type, group`}
      w={248}
      leftSection={<Search size={13} aria-hidden />}
      value={filter}
      onChange={(event) => setFilter(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setFilter('')
      }}
    />
  )
}

function NothingFits() {
  const { filter, chips, showFiltered } = useWindow()
  const asked = [...(filter === '' ? [] : [t`text: ${filter}`]), ...chips.map(chipWords)].join(' · ')
  return (
    <Empty icon={Search} title={t`No device fits the filter`} text={asked}>
      <Button variant="default" onClick={() => showFiltered({ text: '', chips: [] })}>
        {t`Show all`}
      </Button>
    </Empty>
  )
}

function Waiting({ failure }: { failure: Failure | null }) {
  return (
    <Place title={t`Bench`}>
      {failure === null ? (
        <output className="sr-only">{t`Waiting for the engine`}</output>
      ) : (
        <Refusal failure={failure} className={styles.refusal} />
      )}
    </Place>
  )
}
