import type { ConsoleLog } from '../../contract/consoles.ts'
import type { Host } from '../host.ts'
import { LineLog } from '../lib/line-log.ts'
import { withoutEscapes } from '../lib/terminal-text.ts'

export interface ConsoleLine {
  at: number
  text: string
}

/** How many files stay in a folder. */
const KEPT_FILES = 40
/** So much of the end of a log is read to find its last lines. */
const TAIL_BYTES = 256 * 1024
/** A line that two logs have at the same time is one: a journal that is followed again begins with what was seen before. */
const SAME_MS = 2000

/** The logs of consoles: a folder for each device, and one for those of which nobody said whose they are. */
export class ConsoleLogs {
  readonly #host: Pick<Host, 'files' | 'clock'>
  readonly #folder: string

  constructor(host: Pick<Host, 'files' | 'clock'>, folder: string) {
    this.#host = host
    this.#folder = folder
  }

  folderOf(deviceId: string | null): string {
    return `${this.#folder}/${deviceId === null ? 'no-device' : deviceId.replaceAll(/[^\w-]/g, '_')}`
  }

  /** Begins a log; the oldest ones beside it go. */
  async open(place: string, deviceId: string | null): Promise<LineLog> {
    const { files, clock } = this.#host
    const folder = this.folderOf(deviceId)
    await files.makeFolder(folder)
    const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]/g, '')
    const path = `${folder}/${place.slice(place.lastIndexOf('/') + 1).replaceAll(/[^\w@.-]/g, '_')}-${stamp}.log`
    const log = await LineLog.open(path, this.#host)
    await files.setMode(path, 0o600)
    for (const old of (await this.list(deviceId)).slice(KEPT_FILES)) if (old.path !== path) await files.remove(old.path)
    return log
  }

  /** The newest first. */
  async list(deviceId: string | null): Promise<ConsoleLog[]> {
    const { files } = this.#host
    const folder = this.folderOf(deviceId)
    const found: ConsoleLog[] = []
    for (const name of (await files.stat(folder)) ? await files.list(folder) : []) {
      const stat = await files.stat(`${folder}/${name}`)
      if (stat?.kind === 'file')
        found.push({ name, path: `${folder}/${name}`, sizeBytes: stat.sizeBytes, modifiedAt: Math.round(stat.modifiedAt) })
    }
    return found.toSorted((a, b) => b.modifiedAt - a.modifiedAt || b.name.localeCompare(a.name))
  }

  /** The last lines that a device's consoles printed, at most `limit`, the oldest first. */
  async lastLines(deviceId: string, limit: number): Promise<ConsoleLine[]> {
    const lines: ConsoleLine[] = []
    const seen = new Map<string, number[]>()
    for (const { path } of await this.list(deviceId)) {
      const isNew = ({ at, text }: ConsoleLine) => seen.get(text)?.every((other) => Math.abs(other - at) > SAME_MS) ?? true
      const more = parseLines(await this.#tailOf(path)).filter(isNew)
      lines.push(...more)
      for (const { at, text } of more) seen.set(text, [...(seen.get(text) ?? []), at])
      if (lines.length >= limit) break
    }
    return lines.toSorted((a, b) => a.at - b.at).slice(-limit)
  }

  async #tailOf(path: string): Promise<string> {
    await using file = await this.#host.files.open(path, 'read')
    const sizeBytes = await file.sizeBytes()
    const bytes = new Uint8Array(Math.min(sizeBytes, TAIL_BYTES))
    const filled = await file.read(bytes, sizeBytes - bytes.length)
    return new TextDecoder().decode(bytes.subarray(0, filled))
  }
}

const LINE = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/

/** The lines of a log that say something, without what moves a cursor. A piece that was cut off at its start is left out. */
export function parseLines(text: string): ConsoleLine[] {
  return text.split('\n').flatMap((line) => {
    const [, time = '', said = ''] = LINE.exec(line) ?? []
    const shown = plainText(said)
    return time === '' || shown === '' ? [] : [{ at: Date.parse(time), text: shown }]
  })
}

/** What a person would read of it. */
export function plainText(text: string): string {
  return withoutEscapes(text)
    .replaceAll(/[\u0000-\u001F\u007F]/g, '')
    .trimEnd()
    .slice(0, 500)
}
