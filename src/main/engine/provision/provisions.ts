import { basename, dirname } from 'node:path'
import { BOARD_PORT } from '../../contract/boards.ts'
import { AppError } from '../../contract/errors.ts'
import type { ProvisionOutcome, SshLogin } from '../../contract/provision.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Seed } from '../../contract/seed.ts'
import { BAUD_RATES } from '../../contract/serial.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { readWhole } from '../lib/file-streams.ts'
import { Ledger, type PinnedHost, type SeriesNumber } from './ledger.ts'
import { PROVISION_STEPS, type PlannedStep, type Road, planOf } from './plan.ts'
import { type DeviceRegister, preauthorizeOn } from './preauthorize.ts'
import { provisionBoard } from './provision.ts'
import { parseRecipe } from './recipe-file.ts'
import { type ResolvedRecipe, resolveRecipe } from './resolve.ts'
import type { RunJob } from './run.ts'
import { provisionImage } from './seed.ts'
import type { OpenPorts } from './serial/open-ports.ts'
import { openAtRate } from './serial/open.ts'
import { SerialShell } from './serial/shell.ts'
import type { HostKeys } from './ssh/host-key.ts'
import { hopOf } from './ssh/login.ts'
import { type SshHop, type SshSurroundings, placeOf } from './ssh/connect.ts'
import { openSshConsole } from './ssh/console-line.ts'
import { type SshJournal, openSshJournal } from './ssh/journal.ts'
import { SshShell } from './ssh/shell.ts'

interface JobRequest {
  kind: string
  title: string
  steps: readonly string[]
  locks: readonly string[]
}

export interface ProvisionParts {
  host: Host
  /** Of the ledger. */
  folder: string
  startJob<T>(request: JobRequest, work: (job: RunJob) => Promise<T>): { id: string; result: Promise<T> }
  ports: OpenPorts
  /** Puts files into a card image, in these steps: `SEED_STEPS`. */
  seedImage(image: string, seed: Seed, job: RunJob): Promise<unknown>
  /** The devices of this bench's own server. */
  register: DeviceRegister
  /** The private half of a key of the key ring, by its name. */
  privateKey(name: string): Promise<string>
}

interface What {
  recipe: string
  isPreauthorized: boolean
}

interface SshRequest extends What {
  hops: readonly SshLogin[]
  sudoPassword: string | null
}

interface SerialRequest extends What {
  path: string
  baudRate: number | null
  user: string
  password: string | null
  sudoPassword: string | null
}

interface ImageRequest extends What {
  image: string
}

/** What is done to an image, a step after the other. */
export const SEED_STEPS = ['Look at the image', 'Prepare', 'Write'] as const

/** So long a login to a console may take. */
const LOGIN_MS = 60_000

/** How many outcomes are remembered. */
const KEPT = 200

/** What is provisioned from this bench. */
export class Provisions {
  readonly changes = new Changes()
  readonly #parts: ProvisionParts
  readonly #outcomes = new Map<string, ProvisionOutcome>()

  constructor(parts: ProvisionParts) {
    this.#parts = parts
  }

  async plan(path: string, road: Road): Promise<PlannedStep[]> {
    return planOf(await this.#recipe(path), road)
  }

  /** Starts a job; what the recipe names is read and checked before. */
  async ssh({ hops: logins, sudoPassword, ...what }: SshRequest): Promise<{ jobId: string }> {
    const resolved = await this.#resolved(what.recipe)
    const hops = await Promise.all(logins.map((login) => hopOf(login, this.#parts.host)))
    const board = logins.at(-1)
    const place = board ? placeOf(board) : ''
    return this.#start({ place, lock: `ssh:${place}`, steps: PROVISION_STEPS }, (job, ledger) =>
      provisionBoard(
        {
          ...{ resolved, ledger, preauthorize: this.#preauthorize(what) },
          connect: (signal) => SshShell.open(hops, { hostKeys: ledger.hostKeys, signal, log: job.log }),
          askSudoPassword: said(sudoPassword ?? board?.password ?? null),
        },
        job,
      ),
    )
  }

  /** The same over a serial console, which is shared with who looks at it. */
  async serial({ path, baudRate, user, password, sudoPassword, ...what }: SerialRequest): Promise<{ jobId: string }> {
    const { ports, host } = this.#parts
    const resolved = await this.#resolved(what.recipe)
    return this.#start({ place: path, lock: `serial:${path}`, steps: PROVISION_STEPS }, (job, ledger) =>
      provisionBoard(
        {
          ...{ resolved, ledger, preauthorize: this.#preauthorize(what) },
          connect: async (signal) => {
            const open = (name: string, rate: number) => ports.share(name, rate)
            // An emulated UART understands every rate.
            const rate = BOARD_PORT.test(path) ? BAUD_RATES[0] : baudRate
            const line = await openAtRate({ ...{ path, baudRate: rate, signal, open }, files: host.files, log: job.log })
            const onProgress = (done: number, total: number) => job.progress(done, total, 'bytes')
            return SerialShell.open(line, { login: { user, askPassword: said(password) }, signal, onProgress })
          },
          askSudoPassword: said(sudoPassword ?? password),
        },
        job,
      ),
    )
  }

  /** Puts what needs no running board into a card image. */
  async image({ image, ...what }: ImageRequest): Promise<{ jobId: string }> {
    const { seedImage } = this.#parts
    const resolved = await this.#resolved(what.recipe)
    return this.#start({ place: basename(image), lock: image, steps: ['Preauthorize', ...SEED_STEPS] }, async (job, ledger) => {
      job.step('Preauthorize')
      const write = (seed: Seed) => seedImage(image, seed, job)
      const done = await provisionImage({ ...{ resolved, ledger, image, write }, preauthorize: this.#preauthorize(what) })
      const leftOut = done.leftOut.flatMap(({ step, lines }) => lines.map((line) => `${step.toLowerCase()}: ${line}`))
      return { ...done, identity: done.identity ?? {}, board: image, changed: [`seeded ${image}`], unchanged: [], leftOut }
    })
  }

  /** A shell on a board, with the host keys that are pinned here. */
  async sshConsole(logins: readonly SshLogin[], size: { columns: number; rows: number }) {
    return this.#reach(logins, (hops, surroundings) => openSshConsole(hops, surroundings, size))
  }

  /** The log of the Mender client of a board, likewise. */
  async sshJournal(logins: readonly SshLogin[], lines: number): Promise<SshJournal> {
    const now = () => this.#parts.host.clock.now()
    return this.#reach(logins, (hops, surroundings) => openSshJournal(hops, surroundings, { lines, now }))
  }

  async #reach<T>(logins: readonly SshLogin[], open: (hops: SshHop[], surroundings: SshSurroundings) => Promise<T>): Promise<T> {
    const hops = await Promise.all(logins.map((login) => hopOf(login, this.#parts.host)))
    const opened = await open(hops, { hostKeys: this.#hostKeys(), signal: AbortSignal.timeout(LOGIN_MS), log: () => undefined })
    this.changes.bump()
    return opened
  }

  outcome(jobId: string): ProvisionOutcome | null {
    return this.#outcomes.get(jobId) ?? null
  }

  hosts(): PinnedHost[] {
    using ledger = this.#ledger()
    return ledger.pinnedHosts()
  }

  forgetHost(place: string): void {
    using ledger = this.#ledger()
    if (!ledger.forgetHost(place)) throw new AppError('NOT_FOUND', `No host key of ${place} is pinned`, 'See the list of pinned hosts.')
    this.changes.bump()
  }

  numbers(): SeriesNumber[] {
    using ledger = this.#ledger()
    return ledger.numbers()
  }

  #start(
    { place, lock, steps }: { place: string; lock: string; steps: readonly string[] },
    work: (job: RunJob, ledger: Ledger) => Promise<Omit<ProvisionOutcome, 'leftOut'> & Partial<ProvisionOutcome>>,
  ): { jobId: string } {
    const request = { kind: 'provision', title: `Provision ${place}`, steps, locks: [lock] }
    const { id, result } = this.#parts.startJob(request, async (job) => {
      using ledger = this.#ledger()
      return await work(job, ledger)
    })
    // The failure is told by the job; this call has answered long before.
    void result.then(
      (outcome) => this.#remember(id, { leftOut: [], ...outcome }),
      () => this.changes.bump(),
    )
    return { jobId: id }
  }

  #preauthorize({ isPreauthorized }: What) {
    return isPreauthorized ? preauthorizeOn(this.#parts.register) : null
  }

  /** For as long as a connection lasts: it shows its host key again each time that it takes new keys. */
  #hostKeys(): HostKeys {
    return {
      get: (place) => {
        using ledger = this.#ledger()
        return ledger.hostKeys.get(place)
      },
      pin: (place, key) => {
        using ledger = this.#ledger()
        ledger.hostKeys.pin(place, key)
      },
    }
  }

  #ledger(): Ledger {
    const { folder, host } = this.#parts
    return Ledger.open(`${folder}/provision.db`, () => host.clock.now())
  }

  #remember(id: string, outcome: ProvisionOutcome): void {
    this.#outcomes.set(id, outcome)
    for (const old of [...this.#outcomes.keys()].slice(0, -KEPT)) this.#outcomes.delete(old)
    this.changes.bump()
  }

  async #recipe(path: string): Promise<Recipe> {
    return parseRecipe(new TextDecoder().decode(await readWhole(this.#parts.host.files, path)), basename(path))
  }

  async #resolved(path: string): Promise<ResolvedRecipe> {
    const { host, privateKey } = this.#parts
    return resolveRecipe(await this.#recipe(path), {
      ...{ files: host.files, folder: dirname(path), privateKey },
      environment: (name) => host.machine.environment(name),
    })
  }
}

function said(password: string | null): (() => Promise<string>) | null {
  return password === null ? null : () => Promise.resolve(password)
}
