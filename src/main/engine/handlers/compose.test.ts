import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import { type CardLayout, cardLayout } from '../../contract/card-layout.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { COMPOSE_STEPS } from '../compose/write-card.ts'

let bench: TestEngine
const at = (name: string) => join(bench.folder, name)
const LAYOUT: CardLayout = cardLayout.parse({
  version: 1,
  name: 'board',
  table: 'gpt',
  boot: { folder: 'boot', size: '16 MiB' },
  rootfs: { folder: 'root', size: '16 MiB', owners: 'root' },
  data: { size: '16 MiB', grow: true },
  loader: { uboot: { at: '1 MiB', size: '16 KiB' } },
  seed: { deviceType: 'board' },
})

beforeAll(async () => {
  bench = await openTestEngine()
  for (const name of ['boot', 'root/etc']) mkdirSync(at(name), { recursive: true })
  writeFileSync(at('root/etc/hostname'), 'board\n')
})
afterAll(() => bench[Symbol.asyncDispose]())

const ended = async (jobId: string) => {
  const all = await until(bench.client.jobs.list(), (jobs) => jobs.some(({ id, state }) => id === jobId && state !== 'running'))
  return all.find(({ id }) => id === jobId)
}

describe('a card image', () => {
  it('is planned out of a layout as values, as text, and as a file, and a layout is put into words', async () => {
    const { compose } = bench.client
    const text = await compose.text({ layout: LAYOUT })
    writeFileSync(at('card.yaml'), text)
    const folder = bench.folder
    const plans = [{ layout: LAYOUT, folder }, { text, folder }, { path: at('card.yaml') }].map((layout) => compose.plan({ layout }))
    const [first, ...others] = await Promise.all(plans)
    expect(first?.partitions.map(({ role, startBytes }) => [role, startBytes >> 20])).toEqual([
      ['boot', 4],
      ['rootfs A', 20],
      ['rootfs B', 36],
      ['data', 52],
    ])
    for (const other of others) expect(other).toEqual(first)
    expect(await compose.plan({ layout: { text: `${text}\nmore: 1\n`, folder } }).catch(toAppError)).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/^layout:\d+:1: Unrecognized key: "more"$/),
    })
  })

  it('is written and seeded by jobs, which say each step', async () => {
    const { compose, images, jobs } = bench.client
    const { jobId } = await compose.write({ layout: { layout: LAYOUT, folder: bench.folder }, output: at('card.img'), hasBmap: true })
    expect(await ended(jobId)).toMatchObject({ state: 'done', steps: [...COMPOSE_STEPS], kind: 'image-compose', failure: null })
    expect(statSync(at('card.img.bmap')).size).toBeGreaterThan(500)
    const seeding = await compose.seed({
      image: at('card.img'),
      folder: bench.folder,
      seed: { serverUrl: 'http://bench', files: [{ to: '/data/note', text: 'a note', mode: '0600', uid: 0, gid: 0 }] },
    })
    expect(await ended(seeding.jobId)).toMatchObject({ state: 'done', kind: 'image-seed' })
    expect(await images.fileText({ path: at('card.img'), partition: 4, inside: '/note' })).toEqual({ text: 'a note' })
    expect(await jobs.log({ id: jobId })).toEqual([
      'warning: the root file system has no link /var/lib/mender: it gets one to /data/mender',
      'warning: the root file system has no /etc/fw_env.config, and its disk is nowhere said: say seed.storage, as /dev/mmcblk0p',
    ])
  })

  it.each(COMPOSE_STEPS)('leaves nothing behind when the job is stopped at the step "%s"', async (step) => {
    const { compose, jobs } = bench.client
    const output = `stopped-${COMPOSE_STEPS.indexOf(step)}.img`
    const { jobId } = await compose.write({ layout: { layout: LAYOUT, folder: bench.folder }, output: at(output), hasBmap: true })
    for await (const all of await jobs.list()) {
      const job = all.find(({ id }) => id === jobId)
      if (!job || job.state !== 'running') break
      if (job.step >= COMPOSE_STEPS.indexOf(step)) await jobs.cancel({ id: jobId })
    }
    const job = await ended(jobId)
    const left = readdirSync(bench.folder).filter((name) => name.startsWith(output))
    // It may have been done before it heard of it.
    if (job?.state === 'done') expect(left).toEqual([output, `${output}.bmap`])
    else expect({ state: job?.state, left }).toEqual({ state: 'cancelled', left: [] })
    for (const name of left) statSync(at(name))
  })
})
