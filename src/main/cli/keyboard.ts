/** Where a person types and reads, for commands that hand both over to a device. */
export interface Keyboard {
  /** Whether it is a terminal, and not a pipe or a file. */
  isTerminal: boolean
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
        for await (const chunk of stdin) yield Buffer.from(chunk)
      } catch (thrown) {
        if (!signal.aborted) throw thrown
      }
    },
    write: (bytes) => void stdout.write(bytes),
  }
}
