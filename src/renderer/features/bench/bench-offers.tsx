import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { useState } from 'react'
import type { Engine } from '../../app/connection.ts'
import { useBoards, useLookAtDevices } from '../../app/facts.tsx'
import { type Offers, useOffers } from '../../app/offers.ts'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { GroupDialog } from './ask-text.tsx'
import { type BoardAction, useBoardActions, whyNotOn } from './use-board-actions.ts'
import { useBench, VIEWS } from './bench-state.ts'
import { askingAuthset, canExplain } from './device-words.ts'
import { MakeUpdate } from './make-update.tsx'

/** Offers what can be done with devices, from wherever one is. */
export function BenchOffers() {
  const [grouping, setGrouping] = useState<readonly Device[]>([])
  useOneOffers()
  useManyOffers(setGrouping)
  useBoardOffers()
  const move = useAction((engine, ids: string[], group: string | null) => engine.devices.setGroup({ ids, group }))
  const ids = grouping.map(({ id }) => id)
  return (
    <>
      <MakeUpdate />
      <GroupDialog
        key={ids.join()}
        of={grouping.length === 1 ? (grouping[0]?.name ?? '') : plural(grouping.length, { one: '# device', other: '# devices' })}
        initial={grouping[0]?.group ?? ''}
        isOpen={grouping.length > 0}
        onClose={() => setGrouping([])}
        onSave={(group) => move.run(ids, group)}
      />
    </>
  )
}

/** The device that has the focus, or is inspected; and all that are marked, else this one. */
function useChosen(): (target: Element | null) => { one: Device | undefined; chosen: readonly Device[] } {
  const look = useLookAtDevices()
  const inspected = useWindow((state) => state.inspector?.deviceId)
  const marked = useBench((state) => state.marked)
  return (target) => {
    const devices = look()
    const here = target?.closest<HTMLElement>('[data-device]')?.dataset.device ?? inspected
    const one = devices.find(({ id }) => id === here)
    const chosen = devices.filter(({ id }) => marked.includes(id))
    return { one: one ?? chosen[0], chosen: chosen.length > 0 || one === undefined ? chosen : [one] }
  }
}

function useOneOffers(): void {
  const { inspect, explain, go } = useWindow()
  const { toggle, view, setView } = useBench()
  const choose = useChosen()
  useOffers((target): Offers => {
    const next = VIEWS[(VIEWS.findIndex(({ value }) => value === view) + 1) % VIEWS.length] ?? VIEWS[0]
    const general: Offers = {
      'bench.view': { run: () => setView(next.value), on: next.value },
      'bench.plots': {
        run: () => {
          setView('plots')
          go('bench')
        },
      },
    }
    const { one } = choose(target)
    if (one === undefined) return general
    const { id, name: on, deployment } = one
    return {
      ...general,
      'device.mark': { on, run: () => toggle(id) },
      'device.inspect': { on, run: () => inspect(id) },
      'device.timeline': { on, run: () => inspect(id, 'timeline') },
      'device.log': { on, run: () => inspect(id, 'log') },
      'device.terminal': { on, run: () => inspect(id, 'terminal') },
      ...(deployment !== null && canExplain(one) && { 'device.explain': { on, run: () => explain(id, deployment.id) } }),
    }
  })
}

function useBoardOffers(): void {
  const boards = useBoards().value ?? []
  const choose = useChosen()
  const askUpdate = useWindow((state) => state.askUpdate)
  const act = useBoardActions()
  const machine = useMachine()
  useOffers((target): Offers => {
    const { one } = choose(target)
    const board = boards.find(({ name }) => name === one?.board)
    if (one === undefined || board === undefined) return {}
    const of = (action: BoardAction) => ({ on: board.name, run: () => act(action, board), why: whyNotOn(action, board) })
    return {
      'board.console': of('console'),
      ...(machine !== null && { 'board.provision': of('provision') }),
      'board.on': of('on'),
      'board.off': of('off'),
      'board.cut': of('cut'),
      'board.reset': of('reset'),
      'board.update': { on: board.name, run: () => askUpdate(one.id) },
    }
  })
}

function useManyOffers(onGroup: (devices: readonly Device[]) => void): void {
  const askDeploy = useWindow((state) => state.askDeploy)
  const judge = useAction(judgeAll)
  const choose = useChosen()
  useOffers((target): Offers => {
    const { chosen } = choose(target)
    if (chosen.length === 0) return {}
    const on = chosen.length === 1 ? (chosen[0]?.name ?? '') : plural(chosen.length, { one: '# device', other: '# devices' })
    const deviceIds = chosen.filter(({ status }) => status === 'accepted').map(({ id }) => id)
    const asking = chosen.filter((device) => askingAuthset(device) !== null)
    const who = asking.length === chosen.length ? on : plural(asking.length, { one: '# device', other: '# devices' })
    return {
      'device.deploy': {
        on,
        run: () => askDeploy({ deviceIds, artifactId: null }),
        why: deviceIds.length > 0 ? null : t`Not accepted yet`,
      },
      'device.group': { on, run: () => onGroup(chosen) },
      ...(asking.length > 0 && {
        'device.accept': { on: who, run: () => judge.run(asking, 'accepted') },
        'device.reject': { on: who, run: () => judge.run(asking, 'rejected') },
      }),
    }
  })
}

/** So many are asked for at a time. */
const AT_ONCE = 20

async function judgeAll(engine: Engine, devices: readonly Device[], status: 'accepted' | 'rejected'): Promise<void> {
  const asked = devices.flatMap((device) => {
    const authsetId = askingAuthset(device)
    return authsetId === null ? [] : [{ id: device.id, authsetId, status }]
  })
  for (let at = 0; at < asked.length; at += AT_ONCE)
    await Promise.all(asked.slice(at, at + AT_ONCE).map((each) => engine.devices.setAuthStatus(each)))
}
