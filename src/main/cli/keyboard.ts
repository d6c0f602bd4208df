import { spawnSync } from 'node:child_process'
import { on } from 'node:events'
import { readFileSync } from 'node:fs'

/** Where a person types and reads, for commands that hand both over to a device. */
export interface Keyboard {
  /** Whether it is a terminal, and not a pipe or a file. */
  isTerminal: boolean
  /** Whether it is a terminal that listens to this process: one in the background is stopped when it reads it, or sets it. */
  isInFront(): boolean
  size(): { columns: number; rows: number }
  /** Calls `listener` at each change of the size. Answers how to stop. */
  onResize(listener: () => void): () => void
  /** Every key as it is pressed, Ctrl+C among them; put it back in any case. */
  setRaw(isRaw: boolean): void
  /** What is typed, until it ends or the signal aborts. */
  input(signal: AbortSignal): AsyncIterable<Uint8Array>
  write(bytes: Uint8Array): void
}

/** This process's own. */
export function processKeyboard(): Keyboard {
  const { stdin, stdout } = process
  return {
    isTerminal: stdin.isTTY,
    isInFront: () => stdin.isTTY && isForeground(),
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    onResize(listener) {
      stdout.on('resize', listener)
      return () => stdout.off('resize', listener)
    },
    setRaw: (isRaw) => void (stdin.isTTY && stdin.setRawMode(isRaw)),
    async *input(signal) {
      const stop = (): void => void stdin.destroy()
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        // Not the stream's own iterator: that one cannot be held, and who reads a terminal from the background is stopped.
        const chunks = on(stdin, 'data', { close: ['end', 'close'] })
        stdin.resume()
        for await (const [chunk] of chunks) yield Buffer.from(chunk)
      } catch (thrown) {
        if (!signal.aborted) throw thrown
      } finally {
        stop()
      }
    },
    write: (bytes) => void stdout.write(bytes),
  }
}

function isForeground(): boolean {
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') {
    // See proc_pid_stat(5): the name may hold spaces and brackets.
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const [, , group, , , foregroundGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return group === foregroundGroup
  }
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' })
  return stdout.includes('+')
}
