import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { Ledger } from './kill-ledger.ts'
import { type Load, makeArtifact, runLoad, upload } from './kill-load.ts'

const CLI = join(import.meta.dirname, '../../out/main/cli.js')
const BOARDS = 5
/** What a board downloads in three seconds. */
const UPDATE_BYTES = 300_000
const SPEED = 100_000
/** From the deployment to the kill: in downloads, installations, restarts, reports, and after the end of all. */
const LONGEST_MS = 6000
const FINISH_SECONDS = 180

const boardList = z.array(z.object({ id: z.string(), attributes: z.array(z.object({ name: z.string(), value: z.unknown() })).default([]) }))
const outcomes = z.array(z.object({ id: z.string(), status: z.string() }))

export interface Round {
  number: number
  killedAfterMs: number
  /** What the boards were at when it was restarted. */
  statuses: string[]
  acknowledgedCount: number
  losses: string[]
}

/**
 * Kills `otabench serve` with SIGKILL at a moment of `random` (0 to 1) in each round, while devices join and update, people upload, remove
 * and manage; starts it again on the same folder, and holds everything that it ever acknowledged against what it has.
 */
export async function* killRounds(count: number, random: () => number): AsyncGenerator<Round, void, void> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-kills-'))
  try {
    await using bench = await BenchProcess.start('all')
    await using _ = startBoards(bench, folder)
    const boards = await eventually('the boards have joined', async () => {
      const found = await boardsOf(bench)
      return found.length === BOARDS && found
    })
    const ledger = new Ledger()
    for (let number = 1; number <= count; number += 1)
      yield await killOnce({ bench, ledger, number, boards, killAfterMs: Math.floor(random() * LONGEST_MS) })
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Kill {
  bench: BenchProcess
  ledger: Ledger
  number: number
  boards: readonly string[]
  killAfterMs: number
}

async function killOnce({ bench, ledger, number, boards, killAfterMs }: Kill): Promise<Round> {
  const killed = new AbortController()
  const load: Load = { bench, ledger, round: `r${number}`, killed: killed.signal }
  const name = `update-${number}`
  await upload(load, name, await makeArtifact(name, UPDATE_BYTES))
  const loading = runLoad(load)
  const answer = await bench.post('v1/deployments/deployments', { name, artifact_name: name, devices: boards })
  const id = answer.headers.get('location')?.split('/').at(-1) ?? ''
  ledger.deployments.push(id)
  await new Promise((resolve) => setTimeout(resolve, killAfterMs))
  await bench.kill()
  killed.abort()
  await loading
  await bench.restart('all')
  const outcomesOf = async (): Promise<z.infer<typeof outcomes>> =>
    outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${id}/devices/list`))
  const after = await outcomesOf()
  const losses = await ledger.losses(bench)
  if (after.length !== BOARDS) losses.push(`the deployment ${name} has ${after.length} devices`)
  const last = await eventually(
    `all boards have ended ${name}`,
    async () => {
      const found = await outcomesOf()
      return found.every(({ status }) => ['success', 'failure', 'noartifact', 'aborted', 'already-installed'].includes(status)) && found
    },
    { seconds: FINISH_SECONDS },
  )
  for (const { id: board, status } of last) {
    if (status === 'success') continue
    const log = await bench.api('GET', `v1/deployments/deployments/${id}/devices/${board}/log`).catch(() => 'it has no log')
    losses.push(`the board ${board} ended ${name} with ${status}: ${String(log).slice(-500)}`)
  }
  return { number, killedAfterMs: killAfterMs, statuses: after.map(({ status }) => status), acknowledgedCount: ledger.count, losses }
}

async function boardsOf(bench: BenchProcess): Promise<string[]> {
  const found = boardList.parse(await bench.api('GET', 'v1/inventory/devices?per_page=500'))
  return found
    .filter(({ attributes }) => attributes.some(({ name, value }) => name === 'device_type' && value === 'virtual'))
    .map(({ id }) => id)
}

/** Simulated devices that download slowly enough to be interrupted. */
function startBoards(bench: BenchProcess, folder: string): AsyncDisposable {
  const pace = ['--poll', '1', '--resume', '3', '--speed', String(SPEED), '--slot', '8']
  const args = ['sim', '--count', String(BOARDS), '--type', 'virtual', ...pace, '--data', join(folder, 'boards'), '--server', bench.http]
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' })
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
