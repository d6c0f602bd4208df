import { constants } from 'node:fs'
import { basename } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { type Libraries, openLibraries } from './libraries.ts'

const { O_EXCL, O_DIRECT } = constants
/** Which Node.js has no name for; it has this value on every architecture that Node.js is built for. */
const O_CLOEXEC = 0o2000000

/** What udisks, or the way to it, has said instead of an answer. */
export class UDisksError extends Error {
  /** The error's name on the bus; empty where nothing was reached. */
  readonly busName: string

  constructor(message: string, busName = '') {
    super(message)
    this.name = 'UDisksError'
    this.busName = busName
  }
}

/** udisks2 on the system's bus. */
export class UDisks {
  readonly #libraries: Libraries
  readonly #bus: unknown

  /** UDisksError where there is no way to the bus. */
  constructor() {
    this.#libraries = librariesOrWhyNot()
    const bus: unknown[] = [null]
    check(this.#libraries.sd_bus_open_system(bus), 'there is no system bus')
    this.#bus = bus[0]
  }

  /** Resolves when udisks has answered, which the bus may have to start first. */
  async ping(): Promise<void> {
    await this.#call(PING_MICROSECONDS, ['/org/freedesktop/UDisks2', 'org.freedesktop.DBus.Peer', 'Ping'], [])
  }

  /**
   * Has a whole disk opened for reading and writing, exclusively, and past the kernel's cache; polkit may ask somebody for a password first,
   * with `mayAsk`. Answers a file descriptor that programs which are started inherit.
   */
  async openDevice(device: string, mayAsk: boolean): Promise<number> {
    // The bus allows few characters in paths.
    const name = basename(device).replaceAll(/\W/g, (character) => `_${character.charCodeAt(0).toString(16)}`)
    const path = `/org/freedesktop/UDisks2/block_devices/${name}`
    const flags = ['str', 'flags', 'str', 'i', 'int', O_EXCL | O_DIRECT | O_CLOEXEC]
    const silence = ['str', 'auth.no_user_interaction', 'str', 'b', 'int', mayAsk ? 0 : 1]
    const args = ['sa{sv}', 'str', 'rw', 'uint', 2, ...flags, ...silence]
    const reply = await this.#call(UNTIL_SAID, [path, 'org.freedesktop.UDisks2.Block', 'OpenDevice'], args)
    const descriptor: [number | null] = [null]
    check(this.#libraries.sd_bus_message_read_basic(reply, 'h'.charCodeAt(0), descriptor), 'udisks answers without a file')
    // That of the answer is closed when a program is started.
    return this.#libraries.dup(descriptor[0])
  }

  /** Whether whoever writes to this program's standard input has ended that: what was written is not read by asking. */
  hasInputEnded(): boolean {
    // A pollfd with the descriptor 0.
    const asked = new Int16Array([0, 0, POLLRDHUP, 0])
    this.#libraries.poll(asked, 1, 0)
    return asked[3] !== 0
  }

  #call(timeout: bigint, [path, face, member]: readonly [string, string, string], args: readonly unknown[]): Promise<unknown> {
    const { sd_bus_message_new_method_call, sd_bus_message_append, sd_bus_call } = this.#libraries
    const [message, reply]: [unknown[], unknown[]] = [[null], [null]]
    check(sd_bus_message_new_method_call(this.#bus, message, 'org.freedesktop.UDisks2', path, face, member), 'nothing can be asked')
    if (args.length > 0) check(sd_bus_message_append(message[0], ...args), 'nothing can be asked')
    const error: { busName: string | null; words: string | null; needFree: number } = { busName: null, words: null, needFree: 0 }
    return new Promise((resolve, reject) => {
      sd_bus_call.async(this.#bus, message[0], timeout, error, reply, (failure: Error | null, code: number) => {
        if (failure) reject(failure)
        else if (code >= 0) resolve(reply[0])
        else reject(new UDisksError(error.words ?? getSystemErrorMessage(code), error.busName ?? ''))
      })
    })
  }
}

const PING_MICROSECONDS = 10_000_000n
/** No timeout: a person may take long over a password. */
const UNTIL_SAID = 2n ** 64n - 1n
const POLLRDHUP = 0x2000

function librariesOrWhyNot(): Libraries {
  try {
    return openLibraries()
  } catch (thrown) {
    throw new UDisksError(`what talks to it cannot be loaded (${thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown)})`)
  }
}

function check(code: number, what: string): void {
  if (code < 0) throw new UDisksError(`${what} (${getSystemErrorMessage(code)})`)
}
