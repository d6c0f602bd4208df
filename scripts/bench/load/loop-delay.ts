// Preloaded into a program (--import): notes when its event loop came late, and writes that into the file LOOP_DELAY_FILE when it ends.
import { writeFileSync } from 'node:fs'

const EVERY_MS = 5

function note(path: string): void {
  const late: [endedAt: number, ms: number][] = []
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    const ms = now - last - EVERY_MS
    if (ms > 1) late.push([Date.now(), ms])
    last = now
  }, EVERY_MS).unref()
  process.on('exit', () => writeFileSync(path, JSON.stringify(late)))
}

note(process.env['LOOP_DELAY_FILE'] ?? '')
