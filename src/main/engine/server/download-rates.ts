import { ByteSeries, type Steps } from '../fleet/byte-series.ts'
import type { Store } from '../store/open.ts'

/** So many steps at most are kept of a device, and of all of a deployment together. */
const DEVICE_STEPS = 60
const DEPLOYMENT_STEPS = 240
/** A download that takes long is written so often: what came later than that is lost with the process. */
const SAVE_MS = 10_000

interface Line {
  series: ByteSeries
  /** Downloads that are being sent and count for it. */
  openCount: number
  savedAt: number
}

interface Parts {
  store: Pick<Store, 'downloadSeries'>
  now(): number
}

interface Key {
  deploymentId: string
  /** null: all devices of the deployment together. */
  deviceId: string | null
}

const nameOf = ({ deploymentId, deviceId }: Key): string => JSON.stringify([deploymentId, deviceId])

/** How fast each device of a deployment gets its artifact, and all of them together: in memory while they get it, kept afterwards. */
export class DownloadRates {
  readonly #parts: Parts
  readonly #lines = new Map<string, { key: Key; line: Line }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A download begins, or goes on; dispose of the answer when it ends. */
  begin({ deploymentId, deviceId }: { deploymentId: string; deviceId: string }): { sent(bytes: number): void } & Disposable {
    const keys: Key[] = [
      { deploymentId, deviceId },
      { deploymentId, deviceId: null },
    ]
    let before = this.#parts.now()
    const lines = keys.map((key) => this.#open(key))
    return {
      sent: (bytes) => {
        const at = this.#parts.now()
        for (const [index, line] of lines.entries()) {
          line.series.add(bytes, before, at)
          const key = keys[index]
          if (key && at - line.savedAt >= SAVE_MS) this.#save(key, line)
        }
        before = at
      },
      [Symbol.dispose]: () => {
        for (const key of keys) this.#close(key)
      },
    }
  }

  /** As it stands now; null when nothing went. */
  of(deploymentId: string, deviceId: string | null): Readonly<Steps> | null {
    const key = { deploymentId, deviceId }
    return this.#lines.get(nameOf(key))?.line.series.steps ?? this.#parts.store.downloadSeries.get(deploymentId, deviceId)
  }

  /** Of each device of a deployment, by its id. */
  ofDevices(deploymentId: string): Map<string, Readonly<Steps>> {
    const all = new Map<string, Readonly<Steps>>(this.#parts.store.downloadSeries.ofDeployment(deploymentId))
    for (const { key, line } of this.#lines.values()) {
      const { steps } = line.series
      if (key.deploymentId === deploymentId && key.deviceId !== null && steps) all.set(key.deviceId, steps)
    }
    return all
  }

  #open(key: Key): Line {
    const held = this.#lines.get(nameOf(key))
    const line = held?.line ?? {
      series: new ByteSeries(
        key.deviceId === null ? DEPLOYMENT_STEPS : DEVICE_STEPS,
        this.#parts.store.downloadSeries.get(key.deploymentId, key.deviceId),
      ),
      openCount: 0,
      savedAt: this.#parts.now(),
    }
    line.openCount += 1
    this.#lines.set(nameOf(key), { key, line })
    return line
  }

  #close(key: Key): void {
    const held = this.#lines.get(nameOf(key))
    if (!held) return
    held.line.openCount -= 1
    if (held.line.openCount > 0) return
    this.#lines.delete(nameOf(key))
    this.#save(key, held.line)
  }

  #save({ deploymentId, deviceId }: Key, line: Line): void {
    line.savedAt = this.#parts.now()
    if (line.series.steps) this.#parts.store.downloadSeries.put({ deploymentId, deviceId }, line.series.steps)
  }
}
