import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { BAUD_RATES, type LineSettings } from '@contract/serial.ts'
import { Button, Group, Modal, Select } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useDevices } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './console-dock.module.css'

interface ConsoleSettingsProps {
  shown: BoardConsole
  isOpen: boolean
  onClose: () => void
}

/** How the line is driven, and whose console it is. */
export function ConsoleSettings({ shown, isOpen, onClose }: ConsoleSettingsProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={shown.place} size="sm" closeButtonProps={{ 'aria-label': t`Close` }}>
      {isOpen && (
        <>
          {shown.settings !== null && <Line id={shown.id} now={shown.settings} onDone={onClose} />}
          <Whose shown={shown} />
        </>
      )}
    </Modal>
  )
}

const DATA_BITS = [8, 7] as const
const PARITIES = [
  { value: 'none', label: t`None` },
  { value: 'even', label: t`Even` },
  { value: 'odd', label: t`Odd` },
] as const
const STOP_BITS = [1, 2] as const
const FLOWS = [
  { value: 'none', label: t`None` },
  { value: 'hardware', label: t`RTS/CTS` },
  { value: 'software', label: t`XON/XOFF` },
] as const

function Line({ id, now, onDone }: { id: string; now: LineSettings; onDone: () => void }) {
  const [settings, setSettings] = useState(now)
  const change = (part: Partial<LineSettings>): void => setSettings({ ...settings, ...part })
  const set = useAction((engine) => engine.consoles.setLine({ id, settings }), onDone)
  const find = useAction((engine) => engine.consoles.findBaudRate({ id }), onDone)
  const rates = [...new Set([now.baudRate, ...BAUD_RATES])].map(String)
  function submit(event: FormEvent): void {
    event.preventDefault()
    set.run()
  }
  return (
    <form onSubmit={submit}>
      <div className={styles.fields}>
        <Select
          label={t`Baud`}
          className={styles.wide}
          data={rates}
          value={String(settings.baudRate)}
          allowDeselect={false}
          onChange={(value) => change({ baudRate: Number(value) })}
        />
        <Button variant="default" loading={find.isBusy} onClick={() => find.run()}>
          {t`Find the rate`}
        </Button>
      </div>
      <Frame settings={settings} onChange={change} />
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={set.isBusy}>
          {t`Set`}
        </Button>
      </Group>
    </form>
  )
}

function Frame({ settings, onChange }: { settings: LineSettings; onChange: (part: Partial<LineSettings>) => void }) {
  return (
    <>
      <Group grow mt="sm">
        <Select
          label={t`Data bits`}
          data={DATA_BITS.map(String)}
          value={String(settings.dataBits)}
          allowDeselect={false}
          onChange={(value) => onChange({ dataBits: DATA_BITS.find((each) => String(each) === value) ?? 8 })}
        />
        <Select
          label={t`Parity`}
          data={PARITIES}
          value={settings.parity}
          allowDeselect={false}
          onChange={(value) => onChange({ parity: PARITIES.find((each) => each.value === value)?.value ?? 'none' })}
        />
        <Select
          label={t`Stop bits`}
          data={STOP_BITS.map(String)}
          value={String(settings.stopBits)}
          allowDeselect={false}
          onChange={(value) => onChange({ stopBits: STOP_BITS.find((each) => String(each) === value) ?? 1 })}
        />
      </Group>
      <Select
        mt="sm"
        label={t`Flow control`}
        data={FLOWS}
        value={settings.flow}
        allowDeselect={false}
        onChange={(value) => onChange({ flow: FLOWS.find((each) => each.value === value)?.value ?? 'none' })}
      />
    </>
  )
}

function Whose({ shown: { id, deviceId } }: { shown: BoardConsole }) {
  const devices = useDevices().value ?? []
  const join = useAction((engine, device: string | null) => engine.consoles.join({ id, deviceId: device }))
  return (
    <Select
      mt="sm"
      label={t`Console of`}
      description={t`Its log is kept with the device, and stands in its timeline.`}
      placeholder={t`No device`}
      clearable
      searchable
      data={devices.map((device) => ({ value: device.id, label: device.name }))}
      value={deviceId}
      onChange={(value) => join.run(value)}
    />
  )
}
