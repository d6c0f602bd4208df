import type { Artifact } from '@contract/artifacts.ts'
import type { Board } from '@contract/boards.ts'
import type { SimulatedBoard } from '@contract/simulated.ts'
import type { Deployment } from '@contract/deployments.ts'
import type { Device } from '@contract/devices.ts'
import type { FlashView } from '@contract/flash.ts'
import type { Job } from '@contract/jobs.ts'
import type { SigningKey } from '@contract/keys.ts'
import type { UserRole } from '@contract/roles.ts'
import type { ServerStatus } from '@contract/server.ts'
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { createNameOrder } from './by-name.ts'
import { type Live, type OpenLive, useLive } from './use-live.ts'

// What every place needs is followed once, for the whole window: a place then opens with its content there.
const none = { value: null, failure: null }
const Devices = createContext<Live<Device[]>>(none)
const LookAtDevices = createContext<() => readonly Device[]>(() => [])
const Artifacts = createContext<Live<Artifact[]>>(none)
const Deployments = createContext<Live<Deployment[]>>(none)
const Simulated = createContext<Live<SimulatedBoard[]>>(none)
const Boards = createContext<Live<Board[]>>(none)
const Flashes = createContext<Live<FlashView[]>>(none)
const Jobs = createContext<Live<Job[]>>(none)
const Keys = createContext<Live<SigningKey[]>>(none)
const Server = createContext<Live<ServerStatus>>(none)
const Self = createContext<Live<Account>>(none)

interface Account {
  name: string | null
  role: UserRole
  /** Whether the files, drives and lines of the engine's machine are for whoever asks. */
  hasMachine: boolean
}

interface FactProps<T> {
  context: React.Context<Live<T>>
  name: string
  open: OpenLive<T>
  children: ReactNode
}

function Fact<T>({ context: Context, name, open, children }: FactProps<T>) {
  return <Context value={useLive(name, open)}>{children}</Context>
}

function SortedDevices({ children }: { children: ReactNode }) {
  const { value, failure } = useLive('devices.list', (engine, signal) => engine.devices.list(undefined, { signal }))
  const [inOrder] = useState(createNameOrder)
  const sorted = useMemo(() => ({ value: value && inOrder(value), failure }), [value, failure, inOrder])
  const latest = useRef(sorted.value)
  useLayoutEffect(() => {
    latest.current = sorted.value
  }, [sorted])
  const [look] = useState(() => () => latest.current ?? [])
  return (
    <LookAtDevices value={look}>
      <Devices value={sorted}>{children}</Devices>
    </LookAtDevices>
  )
}

export function FactsProvider({ children }: { children: ReactNode }) {
  return (
    <Fact context={Server} name="server.status" open={(engine, signal) => engine.server.status(undefined, { signal })}>
      <Fact context={Artifacts} name="artifacts.list" open={(engine, signal) => engine.artifacts.list(undefined, { signal })}>
        <Fact context={Deployments} name="deployments.list" open={(engine, signal) => engine.deployments.list(undefined, { signal })}>
          <Fact context={Simulated} name="simulated.list" open={(engine, signal) => engine.simulated.list(undefined, { signal })}>
            <Fact context={Flashes} name="flash.list" open={(engine, signal) => engine.flash.list(undefined, { signal })}>
              <Fact context={Jobs} name="jobs.list" open={(engine, signal) => engine.jobs.list(undefined, { signal })}>
                <Fact context={Keys} name="keys.list" open={(engine, signal) => engine.keys.list(undefined, { signal })}>
                  <Fact context={Self} name="account.self" open={(engine, signal) => engine.account.self(undefined, { signal })}>
                    <Fact context={Boards} name="boards.list" open={(engine, signal) => engine.boards.list(undefined, { signal })}>
                      <SortedDevices>{children}</SortedDevices>
                    </Fact>
                  </Fact>
                </Fact>
              </Fact>
            </Fact>
          </Fact>
        </Fact>
      </Fact>
    </Fact>
  )
}

/** The devices, in the order of their names; of more than a thousand, those that ask to join and the first to arrive. */
export const useDevices = (): Live<Device[]> => useContext(Devices)
/** How to look at the same once in a while: devices change all the time, and who follows them is drawn anew each time. */
export const useLookAtDevices = (): (() => readonly Device[]) => useContext(LookAtDevices)
export const useArtifacts = (): Live<Artifact[]> => useContext(Artifacts)
export const useDeployments = (): Live<Deployment[]> => useContext(Deployments)
export const useSimulated = (): Live<SimulatedBoard[]> => useContext(Simulated)
export const useBoards = (): Live<Board[]> => useContext(Boards)
/** The virtual board that a device is; undefined for others. */
export function useBoard(name: string | null): Board | undefined {
  const boards = useBoards().value
  return name === null ? undefined : boards?.find((board) => board.name === name)
}
export const useFlashes = (): Live<FlashView[]> => useContext(Flashes)
export const useJobs = (): Live<Job[]> => useContext(Jobs)
export const useKeys = (): Live<SigningKey[]> => useContext(Keys)
/** How many devices there are. */
export const useDeviceCount = (): number | null =>
  useLive('devices.count', (engine, signal) => engine.devices.count(undefined, { signal })).value?.all ?? null
/** Who asks, and what this user may do. */
export const useAccount = (): Live<Account> => useContext(Self)
export const useServer = (): Live<ServerStatus> => useContext(Server)
