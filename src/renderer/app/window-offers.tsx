import { t } from '@lingui/core/macro'
import { useMantineColorScheme } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Place } from '@contract/desktop.ts'
import { parseAcceptMode } from '@contract/accept-mode.ts'
import { openInspector } from '../ui/inspector.tsx'
import type { ActionId } from './actions.ts'
import { useAccount } from './facts.tsx'
import { linkOfShown } from './navigate.ts'
import { type Offer, type Offers, useOffers, useRole } from './offers.ts'
import { useMachine } from './machine.ts'
import { moveRegion } from './regions.ts'
import { startBench } from './start-bench.ts'
import { useAction } from './use-action.ts'
import { useAddArtifacts } from './use-add-artifacts.ts'
import { useWindow } from './window-state.ts'

const PLACES: readonly (readonly [ActionId, Place])[] = [
  ['go.bench', 'bench'],
  ['go.artifacts', 'artifacts'],
  ['go.flash', 'flash'],
  ['go.deployments', 'deployments'],
  ['go.jobs', 'jobs'],
  ['go.activity', 'activity'],
  ['go.settings', 'settings'],
]

/** The order of a click on the theme. */
export const NEXT_SCHEME = { auto: 'light', light: 'dark', dark: 'auto' } as const

const filterField = (): HTMLInputElement | null => document.querySelector('main input[type=search]')

/** Closes the inspector, whichever place has it. */
function closeOffer(): Offer {
  const close = openInspector()
  return close === null ? { run: () => undefined, why: t`Nothing is open` } : { run: close }
}

/** Offers what can be done wherever one is. */
export function WindowOffers() {
  const { go, showSheet, showArtifact } = useWindow()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  useRole(useAccount().value?.role ?? 'engineer')
  const machine = useMachine()
  const add = useAddArtifacts(showArtifact)
  const start = useAction(startBench)
  const acceptAll = useAction((engine) => engine.server.setAcceptMode({ acceptMode: parseAcceptMode('15m', Date.now()) }))
  const copyLink = useAction(
    () => navigator.clipboard.writeText(linkOfShown()),
    () => notifications.show({ title: t`Link copied`, message: linkOfShown(), color: 'gray', withBorder: true, autoClose: 5000 }),
  )
  function newArtifact(): void {
    go('artifacts')
    showSheet('new-artifact')
  }
  function startVirtual(): void {
    go('bench')
    start.run()
  }
  useOffers(() => {
    const places: Offers = Object.fromEntries(PLACES.map(([id, place]) => [id, { run: () => go(place) }]))
    return {
      ...places,
      ...(machine !== null && { 'artifact.new': { run: newArtifact } }),
      'artifact.add': { run: add.pick },
      'flash.image': { run: () => go('flash') },
      'window.palette': { run: () => showSheet('palette') },
      ...(filterField() !== null && { 'window.filter': { run: () => filterField()?.focus() } }),
      'window.close': closeOffer(),
      'window.next-region': { run: () => moveRegion(1) },
      'window.previous-region': { run: () => moveRegion(-1) },
      'window.copy-link': { run: () => copyLink.run() },
      'window.theme': { run: () => setColorScheme(NEXT_SCHEME[colorScheme]) },
      'bench.start-virtual': { run: startVirtual },
      'bench.add-board': { run: () => showSheet('board') },
      'bench.add-hardware': { run: () => showSheet('hardware') },
      'bench.preauthorize': { run: () => showSheet('preauthorize') },
      'server.accept-15-minutes': { run: () => acceptAll.run() },
      'help.shortcuts': { run: () => showSheet('shortcuts') },
      'help.glossary': { run: () => showSheet('glossary') },
    }
  })
  return null
}
