import { AppError, toAppError } from '../../contract/errors.ts'
import { type FlashView, flashView } from '../../contract/flash.ts'
import type { Files } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { isOpen } from './lane-view.ts'

/** Flashes as they outlive the process: one file each, so that one that was cut off is known at the next start. */
export class FlashRecords {
  readonly #files: Files
  readonly #folder: string
  readonly #saving = new Map<string, Promise<void>>()

  constructor(files: Files, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /** The newest first. Lanes that a stopped engine left are interrupted; what cannot be read is handed to `onDefect` and left out. */
  async load(onDefect: (error: AppError) => void): Promise<FlashView[]> {
    if ((await this.#files.stat(this.#folder)) === null) return []
    const names = await this.#files.list(this.#folder)
    // Images that an engine which was killed has left unpacked.
    for (const name of names) if (name.endsWith('.image')) await this.#files.remove(`${this.#folder}/${name}`)
    const reading = names
      .filter((name) => name.endsWith('.json'))
      .map(async (name): Promise<FlashView[]> => {
        try {
          const text = new TextDecoder().decode(await readWhole(this.#files, `${this.#folder}/${name}`))
          return [interrupted(flashView.parse(JSON.parse(text)))]
        } catch (thrown) {
          onDefect(toAppError(thrown))
          return []
        }
      })
    return (await Promise.all(reading)).flat().toSorted((a, b) => b.startedAt - a.startedAt)
  }

  /** One after the other, so that the last one stays. */
  save(view: FlashView): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(view))
    const saving = this.#write(view.id, bytes, this.#saving.get(view.id))
    this.#saving.set(view.id, saving)
    return saving
  }

  async #write(id: string, bytes: Uint8Array, before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => undefined)
    await this.#files.makeFolder(this.#folder)
    await writeAtomic(this.#files, this.#pathOf(id), bytes, 0o600)
  }

  async remove(id: string): Promise<void> {
    await this.#saving.get(id)?.catch(() => undefined)
    this.#saving.delete(id)
    await this.#files.remove(this.#pathOf(id))
  }

  #pathOf(id: string): string {
    return `${this.#folder}/${id}.json`
  }
}

function interrupted(view: FlashView): FlashView {
  const failure = new AppError('INTERRUPTED', 'OTA Bench stopped while this was written', 'Finish it: only what is missing is written.')
  return {
    ...view,
    lanes: view.lanes.map((lane) =>
      isOpen(lane)
        ? { ...lane, state: 'interrupted', isBegun: true, bottleneck: null, bytesPerSecond: 0, failure: failure.toFailure(), jobId: null }
        : lane,
    ),
  }
}
