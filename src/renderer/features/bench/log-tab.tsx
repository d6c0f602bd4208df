import { t } from '@lingui/core/macro'
import { sshPlacesOf } from '@contract/addresses.ts'
import type { Device } from '@contract/devices.ts'
import { Button, Group } from '@mantine/core'
import { Lock, ScrollText } from 'lucide-react'
import { create } from 'zustand'
import { useMachine } from '../../app/machine.ts'
import { useBoards } from '../../app/facts.tsx'
import { useRefusal } from '../../app/may.tsx'
import { SshForm } from '../../app/ssh-form.tsx'
import { EMPTY_LOGIN, type SshLogin } from '../../app/ssh-login.ts'
import { useLive } from '../../app/use-live.ts'
import { Empty } from '../../ui/empty.tsx'
import { LogView } from './log-view.tsx'
import styles from './log-tab.module.css'

/** How one logged in last: a log that broke off is taken up again with little typing. A password is forgotten when it was sent. */
const useLogins = create<{ logins: Readonly<Record<string, SshLogin>>; keep: (deviceId: string, login: SshLogin) => void }>()((set) => ({
  logins: {},
  keep: (deviceId, login) => set(({ logins }) => ({ logins: { ...logins, [deviceId]: login } })),
}))

/** What the Mender client on a device says, followed over SSH; it goes on while one looks elsewhere. */
export function LogTab({ device }: { device: Device }) {
  const why = useRefusal('consoles')
  const machine = useMachine()
  const { logins, keep } = useLogins()
  const consoles = useLive('consoles.list', (engine, signal) => engine.consoles.list(undefined, { signal })).value
  const shown = consoles?.findLast(({ kind, deviceId }) => kind === 'journal' && deviceId === device.id)
  if (why !== null) return <Empty icon={Lock} title={t`Logs are not shown`} text={why} />
  if (shown !== undefined) return <LogView key={shown.id} shown={shown} name={device.name} />
  if (device.virtual !== null)
    return (
      <Empty
        icon={ScrollText}
        title={t`A virtual device keeps no log`}
        text={t`What it does is in its timeline. A board with SSH has one.`}
      />
    )
  if (machine === null) return <Empty icon={ScrollText} title={t`Not in a browser`} text={t`There: otabench devices logs ${device.name}`} />
  if (consoles === null) return null
  return <Login device={device} login={logins[device.id] ?? null} onChange={(login) => keep(device.id, login)} />
}

interface LoginProps {
  device: Device
  /** null before anybody has typed. */
  login: SshLogin | null
  onChange: (login: SshLogin) => void
}

function Login({ device, login, onChange }: LoginProps) {
  const known = useKnownLogins(device)
  const current = login ?? known[0] ?? EMPTY_LOGIN
  const others = known.filter(({ host }) => host !== current.host)
  return (
    <div className={styles.login}>
      <SshForm
        label={t`Log of the Mender client`}
        login={current}
        onChange={onChange}
        open={(engine, hops) => engine.consoles.openJournal({ hops, deviceId: device.id })}
        onOpened={() => undefined}
      >
        <p className="dim">
          {t`Follows the journal and the services of the Mender client over SSH; without systemd, its lines in the system's log file.`}
        </p>
      </SshForm>
      {others.length > 0 && (
        <Group gap={4}>
          <span className="dim">{t`Also known at`}</span>
          {others.map((each) => (
            <Button key={`${each.host} ${each.port}`} size="compact-xs" variant="default" onClick={() => onChange({ ...current, ...each })}>
              {each.host}
            </Button>
          ))}
        </Group>
      )}
    </div>
  )
}

/** Where the device may be logged in to, as far as it, the network or its virtual board tells. */
function useKnownLogins(device: Device): SshLogin[] {
  const board = useBoards().value?.find(({ name }) => name === device.board)
  const found = useLive('discovery.list', (engine, signal) => engine.discovery.list(undefined, { signal })).value
  const detail = useLive(`devices.show ${device.id}`, (engine, signal) => engine.devices.show({ id: device.id }, { signal })).value
  const noticed = found?.boards.find(({ deviceId }) => deviceId === device.id)
  const places = sshPlacesOf(detail?.inventory ?? [], noticed).map(({ host, port }) => ({ ...EMPTY_LOGIN, host, port: String(port) }))
  if (board === undefined) return places
  return [{ ...EMPTY_LOGIN, host: '127.0.0.1', port: String(board.ssh.port), keyPath: board.ssh.keyPath ?? '' }]
}
