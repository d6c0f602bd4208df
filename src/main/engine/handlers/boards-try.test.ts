import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { boardCommand } from '../../cli/commands/board.ts'
import { imageCommand } from '../../cli/commands/image.ts'
import { now } from '../../cli/live.ts'
import { KEPT_PACKAGES, realParts, sha256, someBoard, someJob } from '../boards/boards.cases.ts'
import { buildCard } from '../boards/build.ts'
import { layoutText } from '../compose/layout-file.ts'
import { BoardBench } from './board-bench.cases.ts'

let bench: BoardBench
const file = (name: string) => join(bench.bench.folder, name)
const line = (...args: string[]) => runLine(args, { command: boardCommand, client: bench.client, cwd: bench.bench.folder })

// A busy machine takes its time: no test here may fail because of that.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

/** Composes a card image on the command line, as a person does who makes one for such a machine, with this bench as its server. */
async function composeImage(path: string): Promise<void> {
  const parts = realParts()
  const { https, caPem } = await now(bench.client.server.status())
  const spec = someBoard({
    name: 'mine',
    artifactName: 'mine-1',
    pollSeconds: 1,
    caPem,
    serverUrl: `https://10.0.2.2:${new URL(https ?? '').port}`,
  })
  const composeCard: typeof parts.composeCard = async (_, { layout, folder }) => {
    writeFileSync(join(folder, 'card.yaml'), layoutText(layout))
    const words = ['compose', join(folder, 'card.yaml'), '-o', path]
    expect(await runLine(words, { command: imageCommand, cwd: folder })).toMatchObject({ exitCode: 0 })
    return { sizeBytes: 0 }
  }
  await buildCard(someJob(), { ...parts, composeCard }, spec, { cacheFolder: KEPT_PACKAGES, cardPath: path })
}

let sum: string
beforeAll(async () => {
  bench = await BoardBench.open()
  await composeImage(file('My card.v1.img'))
  sum = await sha256(file('My card.v1.img'))
})
afterAll(() => bench[Symbol.asyncDispose]())

describe("a card image of one's own", () => {
  it('is tried as a board: it starts, joins the bench, and stays as it is', async () => {
    const { exitCode, stdout } = await line('try', 'My card.v1.img')
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^my-card +\w+/m)])
    const device = await bench.device('my-card', ({ artifactName }) => artifactName === 'mine-1')
    expect(device).toMatchObject({ status: 'accepted', board: 'my-card' })
    const board = await bench.board('my-card', ({ state, takes }) => state === 'up' && takes.memoryBytes !== null)
    expect(board).toMatchObject({
      seen: { slot: 'A', artifactName: 'mine-1' },
      claimed: { deviceId: device.id },
      mismatch: null,
      failure: null,
    })
    expect(board.takes.memoryBytes).toBeGreaterThan(64 << 20)
    expect(board.takes.memoryBytes).toBeLessThan(board.takes.memoryLimitBytes)
    expect(board.takes.diskBytes).toBeGreaterThan(16 << 20)
    expect(await sha256(file('My card.v1.img'))).toBe(sum)
    await bench.client.boards.power({ name: 'my-card', action: 'cut' })
    expect(await bench.board('my-card', ({ takes }) => takes.memoryBytes === null)).toMatchObject({ isOn: false })
  })

  it('may be packed, and is copied without its zeros', async () => {
    execFileSync('gzip', ['-1', '-k', file('My card.v1.img')])
    expect(await line('try', 'My card.v1.img.gz', '--name', 'packed', '--no-start')).toMatchObject({ exitCode: 0 })
    const board = await bench.board('packed')
    expect(board).toMatchObject({ isOn: false, state: 'off', seen: null, claimed: null })
    expect(board.takes.diskBytes).toBeLessThan(board.diskBytes * 0.75)
    expect(await sha256(file('data/boards/packed/card.img'))).toBe(sum)
  })

  it('is left as it is when it is given up, and nothing of it stays', async () => {
    const { client } = bench
    const wish = { name: 'given-up', image: file('My card.v1.img.gz'), memoryMiB: 256, silenceSeconds: 60, isOn: true }
    const { jobId } = await client.boards.tryImage(wish)
    await client.jobs.cancel({ id: jobId })
    await expect(bench.done({ jobId })).rejects.toThrow('CANCELLED')
    expect((await now(client.boards.list())).map(({ name }) => name)).toEqual(['my-card', 'packed'])
    expect(execFileSync('ls', [file('data/boards')], { encoding: 'utf8' }).split('\n')).toEqual(['my-card', 'packed', ''])
  })

  it('is refused where the machine cannot start it, and nothing is left', async () => {
    await bench.done(await bench.client.boards.writeRootfs({ artifactName: 'bare', kind: 'good', path: file('bare.ext4') }))
    await bench.makeUpdate('an-update', 'good')
    const [artifact] = await now(bench.client.artifacts.list())
    for (const [image, says] of [
      ['bare.ext4', 'bare.ext4 is no card image: it has no partitions'],
      [`data/artifacts/${artifact?.id}.mender`, 'is an artifact and no card image'],
      ['nothing.img', 'nothing.img'],
    ] as const) {
      const { exitCode, stderr } = await line('try', image, '--name', 'refused')
      expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(says)])
    }
    expect((await line('try', 'My card.v1.img')).stderr).toContain('There is a virtual board my-card already')
    expect((await now(bench.client.boards.list())).map(({ name }) => name)).toEqual(['my-card', 'packed'])
    expect(execFileSync('ls', [file('data/boards')], { encoding: 'utf8' }).split('\n')).toEqual(['my-card', 'packed', ''])
  })
})
