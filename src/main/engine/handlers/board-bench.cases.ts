import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import type { Board, NewBoard, UpdateKind } from '../../contract/boards.ts'
import { newBoard } from '../../contract/boards.ts'
import type { DeploymentDetail } from '../../contract/deployments.ts'
import type { Cause, Device, TimelineEntry } from '../../contract/devices.ts'
import { KEPT_PACKAGES } from '../boards/boards.cases.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

/** How an update ended, and what is known of it. */
interface Ended {
  status: string | undefined
  cause: Cause | null
  entries: TimelineEntry[]
}

/** A bench with its server on https and a board that polls it each second. */
export class BoardBench implements AsyncDisposable {
  readonly bench: TestEngine
  readonly client: EngineClient

  private constructor(bench: TestEngine) {
    this.bench = bench
    this.client = bench.client
  }

  static async open(): Promise<BoardBench> {
    const bench = await openTestEngine({ https: { host: '127.0.0.1', port: 0 } })
    const folder = join(bench.folder, 'data/boards')
    await mkdir(KEPT_PACKAGES, { recursive: true })
    await mkdir(folder, { recursive: true })
    await symlink(KEPT_PACKAGES, join(folder, '.packages'))
    return new BoardBench(bench)
  }

  /** Waits for a job; its failure is thrown. */
  async done({ jobId }: { jobId: string }): Promise<void> {
    const jobs = await until(this.client.jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state !== 'running'))
    const failure = jobs.find(({ id }) => id === jobId)?.failure
    if (failure) throw new Error(`${failure.code}: ${failure.message}`)
  }

  /** Makes a board, and waits until its client has spoken to the server. */
  async start(wish: Partial<NewBoard> & { name: string }): Promise<void> {
    await this.done(await this.client.boards.create(newBoard.parse({ pollSeconds: 1, silenceSeconds: 60, ...wish })))
    await this.device(wish.name, ({ artifactName }) => artifactName !== null)
  }

  async board(name: string, fits: (board: Board) => boolean = () => true): Promise<Board> {
    const isIt = (board: Board) => board.name === name && fits(board)
    const found = (await until(this.client.boards.list(), (all) => all.some(isIt))).find(isIt)
    if (!found) throw new Error(`there is no board ${name}`)
    return found
  }

  async device(name: string, fits: (device: Device) => boolean = () => true): Promise<Device> {
    const isIt = (device: Device) => device.board === name && fits(device)
    const found = (await until(this.client.devices.list(), (all) => all.some(isIt))).find(isIt)
    if (!found) throw new Error(`there is no device ${name}`)
    return found
  }

  async makeUpdate(artifactName: string, kind: UpdateKind, keyId: string | null = null): Promise<void> {
    await this.done(await this.client.boards.makeUpdate({ artifactName, kind, keyId }))
  }

  /** Orders an update for a board; answers the deployment's id. */
  async order(name: string, artifactName: string): Promise<string> {
    const { id } = await this.device(name)
    const deployment = await this.client.deployments.create({ name: artifactName, artifactName, target: { kind: 'devices', ids: [id] } })
    return deployment.id
  }

  async deployment(id: string, fits: (deployment: DeploymentDetail) => boolean): Promise<DeploymentDetail> {
    return until(this.client.deployments.show({ id }), fits)
  }

  /** Waits for the end of a deployment, its log included. */
  async ended(name: string, id: string): Promise<Ended> {
    const isWhole = ({ status, devices }: DeploymentDetail) =>
      status === 'finished' && devices.every((each) => each.status !== 'failure' || each.hasLog)
    const { devices } = await this.deployment(id, isWhole)
    const { entries, cause } = await now(this.client.boards.timeline({ name, deploymentId: id }))
    return { status: devices[0]?.status, cause, entries }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]()
  }
}
