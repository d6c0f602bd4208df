// The load generator of the poll bench: a process of its own, so that it does not take the server's event loop. Raw sockets and
// requests made beforehand keep it far lighter than what it measures.
import { type Socket, connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadOrder, LoadResult } from '../polls.ts'

const CONNECTIONS = 32
const HEADER_END = Buffer.from('\r\n\r\n')

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result))
})

async function run({ host, port, path, tokens, body, ms, perSecond }: LoadOrder): Promise<LoadResult> {
  const requests = tokens.map((token) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  )
  const latencies: number[] = []
  const turn = { next: 0 }
  const startsAt = performance.now()
  const endsAt = startsAt + ms
  const lanes = Array.from({ length: CONNECTIONS }, async () => {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    while (performance.now() < endsAt) {
      const number = turn.next++
      const request = requests[number % requests.length]
      const waitMs = perSecond === undefined ? 0 : startsAt + (1000 * number) / perSecond - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      // A request that is late because the one before it was slow has waited too.
      if (request) latencies.push((await exchange(socket, request)) + Math.max(0, perSecond === undefined ? 0 : -waitMs))
    }
    socket.destroy()
  })
  await Promise.all(lanes)
  return { latencies: latencies.toSorted((a, b) => a - b), ms }
}

/** One request and its answer, which has to be 204; in milliseconds. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const parts: Buffer[] = []
    const onData = (chunk: Buffer) => {
      parts.push(chunk)
      const answer = Buffer.concat(parts)
      if (!answer.includes(HEADER_END)) return
      socket.off('data', onData)
      if (answer.subarray(9, 12).toString() === '204') resolve(performance.now() - startedAt)
      else reject(new Error(`not a 204: ${answer.toString().slice(0, 300)}`))
    }
    socket.on('data', onData)
    socket.write(request)
  })
}
