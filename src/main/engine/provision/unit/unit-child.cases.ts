// Makes one unit, and is killed, or fails, at a point of it. Arguments: folder, point, how.
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDeviceKey } from '../device-key.ts'
import { Ledger } from '../ledger.ts'
import { allocate } from './allocate.ts'
import { type UnitParts, type UnitServer, makeUnit, recoverUnits } from './make-unit.ts'

/** Where it may stop, in order. */
export const POINTS = [
  ...(['key', 'seed', 'write', 'expect-before', 'expect-after', 'label-before', 'label-after', 'seal', 'finished'] as const),
]
export type Point = (typeof POINTS)[number]

/** A server that is a file. */
export function fileServer(folder: string, stop: (point: Point) => void = () => undefined): UnitServer {
  const file = join(folder, 'server.json')
  return {
    name: 'a file',
    async expect({ identity }) {
      stop('expect-before')
      writeFileSync(file, JSON.stringify(identity))
      stop('expect-after')
      return 'device-1'
    },
    async withdraw() {
      if (existsSync(join(folder, 'server.down'))) throw new Error('the server is down')
      rmSync(file, { force: true })
    },
  }
}

const RECIPE = {
  version: 1 as const,
  identity: { serial: { series: 'line', pattern: 'L-{000}', from: 1, whenFailed: 'give-again' as const } },
  ...{ menderConf: {}, client: { packages: [], apt: [] }, files: [], commands: [], services: { enable: [] }, checks: [] },
}

/** What the card says is a file too: every line of it is something that was written to it. */
export async function makeOne(folder: string, stop: (point: Point) => void) {
  using ledger = Ledger.open(join(folder, 'provision.db'), () => 1000)
  if (!ledger.orders.find('WO')) ledger.orders.add('WO', { rows: null, total: 5 })
  const server = fileServer(folder, stop)
  const recovered = await recoverUnits({ units: ledger.units, server }, new AbortController().signal)
  const unit = allocate({
    ...{ ledger, order: ledger.orders.get('WO'), recipe: RECIPE, whenFailed: 'void', wanted: null, id: randomUUID() },
    frame: {
      ...{ slot: 'slot', card: null, imageSha256: 'a'.repeat(64), server: server.name, hasLabel: true, operator: 'Ada', startedAt: 1 },
    },
  })
  if (unit === null) throw new Error('nothing is left')
  const card = join(folder, 'card')
  const parts: UnitParts = {
    ...{ units: ledger.units, server, overlayPath: join(folder, 'overlay') },
    makeKey: async () => {
      stop('key')
      return makeDeviceKey('p256')
    },
    seed: () => ({ files: [] }),
    seedBeside: async (path) => {
      writeFileSync(path, 'a private key')
      stop('seed')
      return []
    },
    write: async ({ beforeSeal, onProgress }) => {
      writeFileSync(card, 'unfinished\n')
      onProgress('writing', 1, 2)
      stop('write')
      onProgress('verifying', 1, 2)
      await beforeSeal()
      writeFileSync(card, `${unit.facts.serial}\n`)
      stop('seal')
    },
    removeFile: async (path) => {
      rmSync(path, { force: true })
      stop('finished')
    },
    label: async ({ facts }) => {
      stop('label-before')
      appendFileSync(join(folder, 'labels'), `${facts.serial}\n`)
      stop('label-after')
    },
  }
  const job = { signal: new AbortController().signal, step: () => undefined, progress: () => undefined, log: () => undefined }
  return { record: await makeUnit(unit, parts, job), recovered, card: readFileSync(card, 'utf8') }
}

if (import.meta.main) {
  const [folder = '', point = ''] = process.argv.slice(2)
  await makeOne(folder, (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL')
  })
}
