import type { Device } from '@contract/devices.ts'
import { Button, TextInput } from '@mantine/core'
import { Cpu, Search } from 'lucide-react'
import { useArtifacts, useDeviceCount, useDevices } from '../../app/facts.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { CARD_STATES, needsPerson } from '../../ui/card-states.ts'
import { Empty } from '../../ui/empty.tsx'
import { plural } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { useBench } from './bench-state.ts'
import { BenchTools } from './bench-tools.tsx'
import { BenchView } from './bench-view.tsx'
import styles from './bench-place.module.css'
import { DeviceInspector } from './device-inspector.tsx'
import { isVirtual } from './device-words.ts'
import { Discovered } from './discovered.tsx'
import { FirstRun } from './first-run.tsx'
import { VirtualBenchMenu } from './virtual-bench.tsx'

/** Every board, as a card or in a line. */
export function BenchPlace() {
  const devices = useDevices()
  const artifacts = useArtifacts()
  const { filter, setFilter, showSheet, inspector } = useWindow()
  const view = useBench((state) => state.view)
  const { shown, all } = useShown(devices.value, filter)
  if (devices.value === null || artifacts.value === null)
    return <Waiting message={devices.failure?.message ?? artifacts.failure?.message} />
  if (devices.value.length === 0 && view !== 'topology') return <FirstRun hasArtifacts={artifacts.value.length > 0} />
  const waiting = devices.value.filter(needsPerson).length
  const inspected = [...devices.value, ...shown].find((device) => device.id === inspector?.deviceId)
  return (
    <Place
      title="Bench"
      summary={
        <>
          <span>{shown.length === all ? plural(all, 'device') : `${shown.length.toLocaleString('en')} of ${plural(all, 'device')}`}</span>
          {waiting > 0 && <strong>{waiting === 1 ? '1 needs you' : `${waiting} need you`}</strong>}
        </>
      }
      actions={
        <>
          <TextInput
            type="search"
            aria-label="Filter devices"
            placeholder="Filter by name, state, type, group"
            w={248}
            leftSection={<Search size={13} aria-hidden />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setFilter('')
            }}
          />
          <Button variant="default" leftSection={<Cpu size={13} />} onClick={() => showSheet('hardware')}>
            Add hardware
          </Button>
          <VirtualBenchMenu />
        </>
      }
      aside={inspected !== undefined && <DeviceInspector device={inspected} />}
    >
      <div className={styles.bench}>
        <BenchTools devices={devices.value} />
        {shown.length === 0 && all > 0 ? (
          <Empty icon={Search} title="No device fits the filter" text={`Nothing here says “${filter}”.`}>
            <Button variant="default" onClick={() => setFilter('')}>
              Show all
            </Button>
          </Empty>
        ) : (
          <BenchView devices={shown} isFiltered={shown.length < devices.value.length} />
        )}
        {view !== 'topology' && <Discovered isStrip />}
      </div>
    </Place>
  )
}

/** The devices that fit the filter, and how many there are in all. Where not all of them are here, the engine looks for those that fit. */
function useShown(devices: Device[] | null, filter: string): { shown: Device[]; all: number } {
  const here = devices ?? []
  const all = Math.max(useDeviceCount() ?? 0, here.length)
  const text = filter.trim()
  const isAsked = all > here.length && text !== ''
  const found = useLive(isAsked ? `devices.list ${text}` : null, (engine, signal) => engine.devices.list({ text }, { signal })).value
  return { shown: found ?? here.filter((device) => fits(device, filter)), all }
}

function Waiting({ message }: { message: string | undefined }) {
  return (
    <Place title="Bench">
      <output className="sr-only">{message ?? 'Waiting for the engine'}</output>
    </Place>
  )
}

function fits(device: Device, filter: string): boolean {
  const text = [
    device.name,
    device.deviceType,
    device.group,
    device.artifactName,
    isVirtual(device) ? 'virtual' : '',
    CARD_STATES[device.card.state].word,
    ...Object.values(device.identity).flat(),
  ]
    .join(' ')
    .toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
