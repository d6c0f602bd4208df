import type { Device } from '@contract/devices.ts'
import { CARD_STATES } from '../ui/card-states.ts'
import { Spoken } from '../ui/spoken.tsx'
import { useDevices } from './facts.tsx'

/** Tells a screen reader which devices changed their state. */
export function Announcer() {
  return <Spoken value={useDevices().value} news={changes} />
}

function changes(devices: readonly Device[], said: Map<string, string>): string[] {
  const news: string[] = []
  for (const { id, name, card } of devices) {
    const before = said.get(id)
    if (before === card.state) continue
    if (before !== undefined) news.push(`${name}, ${CARD_STATES[card.state].word.toLowerCase()}, ${card.detail}`)
    said.set(id, card.state)
  }
  return news
}
