import type { MulticastDNS, ResponsePacket } from 'multicast-dns'
import type { Clock, NetworkAddress } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { type HeardRecord, SERVICE_TYPES } from './mdns-records.ts'

/** Who is asked answers at once: who has not for so long is gone. */
const ASK_MS = 10_000
const FORGET_MS = 35_000
/** One socket for each. */
const MOST_INTERFACES = 8

type Answer = ResponsePacket['answers'][number]

/** Asks by multicast DNS who offers a login, on every network of this machine. */
export class MdnsWatch implements Disposable {
  readonly changes = new Changes()
  readonly #clock: Clock
  readonly #sockets: MulticastDNS[] = []
  readonly #heard = new Map<string, { record: HeardRecord; until: number }>()
  #asking: NodeJS.Timeout | null = null
  #failure: string | null = null

  private constructor(clock: Clock) {
    this.#clock = clock
  }

  static async open(addresses: readonly NetworkAddress[], clock: Clock): Promise<MdnsWatch> {
    const { default: multicastDns } = await import('multicast-dns')
    const watch = new MdnsWatch(clock)
    for (const { address } of addresses.filter(isLan).slice(0, MOST_INTERFACES)) {
      const socket = multicastDns({ interface: address, bind: '0.0.0.0' })
      socket.on('error', (error: Error) => watch.#fail(error))
      socket.on('response', ({ answers, additionals }) => watch.#hear([...answers, ...additionals]))
      socket.on('ready', () => watch.#ask(socket))
      watch.#sockets.push(socket)
    }
    watch.#asking = setInterval(() => watch.#again(), ASK_MS).unref()
    return watch
  }

  /** Why nothing is heard; null when all is well. */
  get failure(): string | null {
    return this.#failure
  }

  /** Whether there is a network to ask in. */
  get hasNetwork(): boolean {
    return this.#sockets.length > 0
  }

  records(): HeardRecord[] {
    const now = this.#clock.now()
    return [...this.#heard.values()].filter(({ until }) => until > now).map(({ record }) => record)
  }

  [Symbol.dispose](): void {
    if (this.#asking) clearInterval(this.#asking)
    for (const socket of this.#sockets) socket.destroy()
  }

  #again(): void {
    for (const socket of this.#sockets) this.#ask(socket)
    this.changes.bump()
  }

  #ask(socket: MulticastDNS): void {
    socket.query({ questions: SERVICE_TYPES.map((name) => ({ name, type: 'PTR' })) })
  }

  #hear(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const record = recordOf(answer)
      if (record === null) continue
      const key = JSON.stringify(record)
      // A time to live of nothing is a farewell.
      if ('ttl' in answer && answer.ttl === 0) this.#heard.delete(key)
      else this.#heard.set(key, { record, until: this.#clock.now() + FORGET_MS })
    }
    this.changes.bump()
  }

  #fail({ message }: Error): void {
    this.#failure = message
    this.changes.bump()
  }
}

const isLan = ({ family, isLoopback }: NetworkAddress): boolean => family === 4 && !isLoopback

function recordOf(answer: Answer): HeardRecord | null {
  if (answer.type === 'PTR') return { kind: 'PTR', name: answer.name, target: answer.data }
  if (answer.type === 'SRV') return { kind: 'SRV', name: answer.name, target: answer.data.target, port: answer.data.port ?? 0 }
  if (answer.type === 'A' || answer.type === 'AAAA') return { kind: answer.type, name: answer.name, target: answer.data }
  return null
}
