// Preloaded into a program (--import): notes when its event loop came late, and writes that into the file LOOP_DELAY_FILE when it ends.
// No TypeScript: what takes the types out of it would count as the program's memory.
import { readFileSync, writeFileSync } from 'node:fs'

const EVERY_MS = 5

/** How long the kernel has let this thread wait for a processor so far. */
function queuedMs() {
  return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6
}

function note(path) {
  const late = []
  let last = { at: performance.now(), queuedMs: queuedMs() }
  setInterval(() => {
    const now = { at: performance.now(), queuedMs: queuedMs() }
    // Waits for a core are not the engine's, whether another program of the machine has it, or one that the engine has started.
    const ms = now.at - last.at - EVERY_MS - (now.queuedMs - last.queuedMs)
    if (ms > 1) late.push([Date.now(), ms])
    last = now
  }, EVERY_MS).unref()
  process.on('exit', () => writeFileSync(path, JSON.stringify(late)))
}

note(process.env.LOOP_DELAY_FILE)
