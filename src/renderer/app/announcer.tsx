import type { Device } from '@contract/devices.ts'
import { useEffect, useRef, useState } from 'react'
import { CARD_STATES } from '../ui/card-states.ts'
import { useDevices } from './facts.tsx'

/** A screen reader hears changes of state at most this often, and never bytes. */
const PAUSE_MS = 1500

/** Tells a screen reader, politely, which devices changed their state. */
export function Announcer() {
  const devices = useDevices().value
  const said = useRef(new Map<string, string>())
  const waiting = useRef<string[]>([])
  const [text, setText] = useState('')
  useEffect(() => {
    if (devices !== null) waiting.current.push(...changes(devices, said.current))
  }, [devices])
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (waiting.current.length > 0) setText(waiting.current.splice(0).slice(-4).join('. '))
    }, PAUSE_MS)
    return () => window.clearInterval(timer)
  }, [])
  return (
    <output className="sr-only" aria-live="polite">
      {text}
    </output>
  )
}

function changes(devices: readonly Device[], said: Map<string, string>): string[] {
  const news: string[] = []
  for (const { id, name, card } of devices) {
    const sentence = `${name}, ${CARD_STATES[card.state].word.toLowerCase()}, ${card.detail}`
    const isKnown = said.has(id)
    if (isKnown && said.get(id) !== card.state) news.push(sentence)
    said.set(id, card.state)
  }
  return news
}
