import { useEffect, useRef, useState } from 'react'

/** A screen reader hears of changes at most this often, and never bytes. */
const PAUSE_MS = 1500
/** Of what has gathered meanwhile, so many of the newest. */
const AT_ONCE = 4

interface SpokenProps<T> {
  /** What is watched; null while it is not there yet. */
  value: T | null
  /** The sentences that are new with this value; `said` is kept from one to the next, for whatever it remembers by. */
  news: (value: T, said: Map<string, string>) => readonly string[]
}

/** Tells a screen reader, politely, what is new. `news` stays the same function. */
export function Spoken<T>({ value, news }: SpokenProps<T>) {
  const said = useRef(new Map<string, string>())
  const waiting = useRef<string[]>([])
  const [text, setText] = useState('')
  useEffect(() => {
    if (value !== null) waiting.current.push(...news(value, said.current))
  }, [value, news])
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (waiting.current.length > 0) setText(waiting.current.splice(0).slice(-AT_ONCE).join('. '))
    }, PAUSE_MS)
    return () => window.clearInterval(timer)
  }, [])
  return (
    <output className="sr-only" aria-live="polite">
      {text}
    </output>
  )
}
