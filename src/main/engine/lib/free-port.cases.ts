import { randomInt } from 'node:crypto'
import { isFree } from './free-port.ts'

/** Below those that systems give to whoever asks for any: no connection that is made meanwhile gets one of them. */
const [FIRST, END] = [10_000, 32_000]

/** A TCP port of 127.0.0.1 that nobody had a moment ago, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END)
    if (await isFree({ host: '127.0.0.1', port })) return port
  }
}
