import { t } from '@lingui/core/macro'
import { type RefObject, useEffect, useState } from 'react'
import { newTerminal } from '../../ui/xterm.ts'
import { Playback } from './playback.ts'

/** How often what is played is drawn. */
const FRAME_MS = 40

/** A recording on a terminal of its own in `place`; another recording wants another component. */
export function usePlayback(cast: string, place: RefObject<HTMLElement | null>): Playback {
  const [{ terminal, playback }] = useState(() => openPlayback(cast))
  useEffect(() => {
    if (place.current !== null) terminal.open(place.current)
    terminal.textarea?.setAttribute('aria-label', t`What the terminal showed`)
    return () => terminal.dispose()
  }, [terminal, place])
  return playback
}

function openPlayback(cast: string) {
  const terminal = newTerminal(document.documentElement, { disableStdin: true, scrollback: 5000 })
  const playback = new Playback(cast, {
    write: (text) => terminal.write(text),
    resize: (columns, rows) => terminal.resize(columns, rows),
    reset: () => terminal.reset(),
  })
  terminal.resize(playback.columns, playback.rows)
  return { terminal, playback }
}

interface Playhead {
  atMs: number
  isPlaying: boolean
  isOver: boolean
  seek: (atMs: number) => void
  /** Stops, goes on, or begins again at the end. */
  toggle: () => void
}

/** Where a recording stands while it is played at `speed`. */
export function usePlayhead(playback: Playback, speed: number): Playhead {
  const [atMs, seek] = useState(0)
  const [isWanted, setWanted] = useState(true)
  const isOver = atMs >= playback.endMs
  const isPlaying = isWanted && !isOver
  useEffect(() => {
    playback?.show(atMs)
  }, [playback, atMs])
  useEffect(() => {
    if (!isPlaying) return
    let last = performance.now()
    const timer = window.setInterval(() => {
      const now = performance.now()
      const passed = (now - last) * speed
      last = now
      seek((before) => Math.min(before + passed, playback.endMs))
    }, FRAME_MS)
    return () => window.clearInterval(timer)
  }, [isPlaying, playback, speed])
  function toggle(): void {
    if (isOver) seek(0)
    setWanted(isOver || !isWanted)
  }
  return { atMs, isPlaying, isOver, seek, toggle }
}
