import { plural, t } from '@lingui/core/macro'
import { Command, FileClock, KeyRound, Package, Rocket, Settings2, CircuitBoard } from 'lucide-react'
import { useMemo } from 'react'
import { CARD_STATES } from '../ui/card-states.ts'
import { bytes } from '../ui/format.ts'
import { ACTION_IDS, type ActionId, actionOf, SECTION_TITLES } from './actions.ts'
import { useArtifacts, useDeployments, useDevices, useJobs, useKeys } from './facts.tsx'
import { keysOf, useBindings } from './key-bindings.ts'
import { type Offers, whyNot } from './offers.ts'
import type { Entry } from './palette-rank.ts'
import { useLive } from './use-live.ts'
import { SETTINGS_TABS, useWindow } from './window-state.ts'

/** What the palette itself does needs no entry in it. */
const HIDDEN: readonly ActionId[] = ['window.palette', 'window.close', 'window.next-region', 'window.previous-region']

/** Every action, with why it cannot run now. */
export function useActionEntries(offers: Offers): Entry[] {
  const bindings = useBindings()
  return ACTION_IDS.filter((id) => !HIDDEN.includes(id)).map((id) => {
    const { title, section } = actionOf(id)
    const on = offers[id]?.on
    return {
      key: id,
      kind: t`Command`,
      title: section === 'Go' ? t`Go to ${title}` : on === undefined ? title : `${title.replace(/…$/, '')}: ${on}`,
      detail: section === 'Go' ? '' : SECTION_TITLES[section],
      icon: Command,
      why: whyNot(id, offers),
      keys: keysOf(id, bindings),
      run: () => offers[id]?.run(),
    }
  })
}

/** Every object by its name; `query` finds devices that are not among those that the window holds. */
export function useObjectEntries(query: string): Entry[] {
  const devices = useFoundDevices(query)
  const [artifacts, deployments, jobs, keys] = [useArtifacts().value, useDeployments().value, useJobs().value, useKeys().value]
  const { inspect, showArtifact, showDeployment, showJob, showSettings, showKeys } = useWindow()
  return useMemo(() => {
    const entry = (kind: string, icon: Entry['icon'], of: { id: string; title: string; detail: string }, run: () => void): Entry => ({
      ...{ key: `${kind} ${of.id}`, kind, icon, title: of.title, detail: of.detail, run, why: null, keys: [] },
    })
    return [
      ...devices.map(({ id, name, card, deviceType, group }) => {
        const detail = [CARD_STATES[card.state].word.toLowerCase(), card.detail, deviceType, group].filter(Boolean).join(', ')
        return entry(t`Device`, CircuitBoard, { id, title: name, detail }, () => inspect(id))
      }),
      ...(artifacts ?? []).map(({ id, name, payloadType, deviceTypes, sizeBytes }) => {
        const detail = [payloadType ?? 'bootstrap', deviceTypes.join(' '), bytes(sizeBytes)].join(', ')
        return entry(t`Artifact`, Package, { id, title: name, detail }, () => showArtifact(id))
      }),
      ...(deployments ?? []).map(({ id, name, status, deviceCount }) =>
        entry(
          t`Deployment`,
          Rocket,
          { id, title: name, detail: `${status}, ${plural(deviceCount, { one: '# device', other: '# devices' })}` },
          () => showDeployment(id),
        ),
      ),
      ...(keys ?? []).map(({ name }) => entry(t`Key`, KeyRound, { id: name, title: name, detail: '' }, showKeys)),
      ...(jobs ?? []).map(({ id, title, state, kind }) =>
        entry(t`Job`, FileClock, { id, title, detail: `${state}, ${kind}` }, () => showJob(id)),
      ),
      ...SETTINGS_TABS.map(([tab, title]) => entry(t`Settings`, Settings2, { id: tab, title, detail: '' }, () => showSettings(tab))),
    ]
  }, [devices, artifacts, deployments, jobs, keys, inspect, showArtifact, showDeployment, showJob, showSettings, showKeys])
}

/** So many of the devices that only the engine knows. */
const FOUND = 20

function useFoundDevices(query: string) {
  const held = useDevices().value
  const text = query.trim()
  const found = useLive(text.length < 2 ? null : `devices.list ${text} ${FOUND}`, (engine, signal) =>
    engine.devices.list({ text, limit: FOUND }, { signal }),
  ).value
  return useMemo(() => {
    const known = new Set(held?.map(({ id }) => id))
    return [...(held ?? []), ...(found ?? []).filter(({ id }) => !known.has(id))]
  }, [held, found])
}
