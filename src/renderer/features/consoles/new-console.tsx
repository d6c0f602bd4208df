import { t } from '@lingui/core/macro'
import { BAUD_RATES, type SerialPortFacts } from '@contract/serial.ts'
import { Button, Select, TextInput } from '@mantine/core'
import { Cpu, Usb } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useBoards } from '../../app/facts.tsx'
import { type ConsolePreset, useDock } from '../../app/dock-state.ts'
import { SshForm } from '../../app/ssh-form.tsx'
import { EMPTY_LOGIN } from '../../app/ssh-login.ts'
import { useLive } from '../../app/use-live.ts'
import { Problem, useOpening } from '../../app/use-opening.tsx'
import { portText } from './console-words.ts'
import styles from './console-dock.module.css'

interface NewConsoleProps {
  preset: ConsolePreset
  hasOthers: boolean
  onOpened: (id: string) => void
}

/** Opens a console: a serial port of this machine, a shell on a host, or a virtual board. */
export function NewConsole({ preset, hasOthers, onOpened }: NewConsoleProps) {
  const machine = useMachine()
  const { stopAsking } = useDock()
  return (
    <div className={styles.choices} key={JSON.stringify(preset)}>
      <SerialChoice preset={preset} onOpened={onOpened} />
      {machine !== null && <SshChoice preset={preset} onOpened={onOpened} />}
      <BoardChoice onOpened={onOpened} />
      {hasOthers && (
        <Button className={styles.back} variant="subtle" color="gray" onClick={stopAsking}>
          {t`Back`}
        </Button>
      )}
    </div>
  )
}

type ChoiceProps = Omit<NewConsoleProps, 'hasOthers'>

function SerialChoice({ preset, onOpened }: ChoiceProps) {
  const ports = useLive('serial.ports', (engine, signal) => engine.serial.ports(undefined, { signal })).value
  const [path, setPath] = useState(preset.path ?? '')
  const [rate, setRate] = useState('115200')
  const { open, isBusy, failure } = useOpening(onOpened)
  const deviceId = preset.deviceId ?? null
  const start = (chosen: string): void =>
    open((engine) => engine.consoles.openSerial({ path: chosen, settings: { baudRate: Number(rate) }, deviceId }))
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (path !== '') start(path)
  }
  return (
    <form className={styles.choice} onSubmit={submit} aria-label={t`Serial port`}>
      <h3 className={styles.choiceTitle}>{t`Serial port`}</h3>
      <Ports ports={ports} onOpen={start} />
      <div className={styles.fields}>
        <TextInput
          label={t`Port`}
          placeholder="/dev/ttyUSB0"
          className={styles.wide}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Select
          label={t`Baud`}
          w={110}
          data={BAUD_RATES.map(String)}
          value={rate}
          allowDeselect={false}
          onChange={(value) => setRate(value ?? rate)}
        />
        <Button type="submit" disabled={path === ''} loading={isBusy}>
          {t`Open`}
        </Button>
      </div>
      <Problem failure={failure} />
    </form>
  )
}

function Ports({ ports, onOpen }: { ports: SerialPortFacts[] | null; onOpen: (path: string) => void }) {
  if (ports === null) return null
  if (ports.length === 0) return <p className={styles.hint}>{t`No serial port is there. Plug an adapter in: it appears here.`}</p>
  return (
    <ul className={styles.ports} aria-label={t`Serial ports`}>
      {ports.map((port) => (
        <li key={port.path}>
          <button type="button" className={styles.port} onClick={() => onOpen(port.path)}>
            <Usb size={14} aria-hidden />
            <span className="mono">{port.path}</span>
            <span className={styles.portText}>{portText(port)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function SshChoice({ preset, onOpened }: ChoiceProps) {
  const [login, setLogin] = useState({ ...EMPTY_LOGIN, host: preset.host ?? '', port: String(preset.port ?? 22) })
  const request = { columns: 100, rows: 24, deviceId: preset.deviceId ?? null }
  return (
    <SshForm
      label="SSH"
      login={login}
      onChange={setLogin}
      open={(engine, hops) => engine.consoles.openSsh({ hops, ...request })}
      onOpened={onOpened}
    >
      <h3 className={styles.choiceTitle}>{t`SSH`}</h3>
    </SshForm>
  )
}

function BoardChoice({ onOpened }: Pick<NewConsoleProps, 'onOpened'>) {
  const boards = useBoards().value ?? []
  const { open, failure } = useOpening(onOpened)
  if (boards.length === 0) return null
  return (
    <section className={styles.choice} aria-label={t`Virtual board`}>
      <h3 className={styles.choiceTitle}>{t`Virtual board`}</h3>
      <ul className={styles.ports} aria-label={t`Virtual boards`}>
        {boards.map(({ name, isOn }) => (
          <li key={name}>
            <button
              type="button"
              className={styles.port}
              disabled={!isOn}
              onClick={() => open((engine) => engine.consoles.openBoard({ name }))}
            >
              <Cpu size={14} aria-hidden />
              <span className="mono">{name}</span>
              <span className={styles.portText}>{isOn ? t`serial console` : t`off`}</span>
            </button>
          </li>
        ))}
      </ul>
      <Problem failure={failure} />
    </section>
  )
}
