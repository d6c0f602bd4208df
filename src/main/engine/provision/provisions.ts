import { basename, dirname } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { ProvisionOutcome, SshLogin } from '../../contract/provision.ts'
import type { Recipe } from '../../contract/recipe.ts'
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
import { hopOf } from './ssh/login.ts'
import { openSshConsole } from './ssh/console-line.ts'
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
  /** The devices of this bench's own server. */
  register: DeviceRegister
  /** The private half of a key of the key ring, by its name. */
  privateKey(name: string): Promise<string>
}

interface SshRequest {
  recipe: string
  hops: readonly SshLogin[]
  sudoPassword: string | null
  isPreauthorized: boolean
}

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
  async ssh({ recipe: path, hops: logins, sudoPassword, isPreauthorized }: SshRequest): Promise<{ jobId: string }> {
    const { startJob, register } = this.#parts
    const resolved = await this.#resolved(path)
    const hops = await Promise.all(logins.map((login) => hopOf(login, this.#parts.host)))
    const place = logins.at(-1)?.host ?? ''
    const request = { kind: 'provision', title: `Provision ${place}`, steps: PROVISION_STEPS, locks: [`ssh:${place}`] }
    const password = sudoPassword ?? logins.at(-1)?.password ?? null
    const { id, result } = startJob(request, async (job) => {
      using ledger = this.#ledger()
      return await provisionBoard(
        {
          ...{ resolved, ledger },
          preauthorize: isPreauthorized ? preauthorizeOn(register) : null,
          connect: (signal) => SshShell.open(hops, { hostKeys: ledger.hostKeys, signal, log: job.log }),
          askSudoPassword: password === null ? null : async () => password,
        },
        job,
      )
    })
    // The failure is told by the job; this call has answered long before.
    void result.then(
      (outcome) => this.#remember(id, outcome),
      () => this.changes.bump(),
    )
    return { jobId: id }
  }

  /** A shell on a board, with the host keys that are pinned here. */
  async sshConsole(logins: readonly SshLogin[], size: { columns: number; rows: number }) {
    const hops = await Promise.all(logins.map((login) => hopOf(login, this.#parts.host)))
    using ledger = this.#ledger()
    const opened = await openSshConsole(
      hops,
      { hostKeys: ledger.hostKeys, signal: AbortSignal.timeout(LOGIN_MS), log: () => undefined },
      size,
    )
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
