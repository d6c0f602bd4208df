import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FuzzTarget, type Random, damaged } from '../engine/lib/fuzz.cases.ts'
import { runSession } from './session.ts'

const DEVICE_BYTES = 256 * 1024
const DIRT = 0x5a

/** A sound conversation, of which `DEVICE` and the source are files of a folder of its own. */
const SOUND = [
  { order: 'open', source: 'SOURCE', imageBytes: 200_704, startBytes: 0, roomBytes: null, deviceBytes: null, diskSequence: null },
  { order: 'sums', sums: [1, 2, 3] },
  {
    order: 'write',
    ranges: [
      [0, 8192],
      [65_536, 200_704],
    ],
  },
  { order: 'pause' },
  { order: 'continue' },
  { order: 'end', imageBytes: 200_704 },
  { order: 'seal' },
].map((order, index) =>
  index === 0 ? { ...order, verify: true, differential: false, samples: [], label: 'x', overlay: null, faults: null } : order,
)

const LINES = SOUND.map((order) => JSON.stringify(order))

/** Lines of sound orders, in any order, left out, doubled, and damaged. */
async function make(random: Random): Promise<Uint8Array> {
  const lines = random.chance(0.7) ? [...LINES] : Array.from({ length: random.below(12) }, () => LINES[random.below(LINES.length)] ?? '')
  if (random.chance(0.3))
    lines.splice(random.below(lines.length + 1), 0, `{"order":"write","ranges":[[${random.below(1e9)},${random.below(1e9)}]]}`)
  const text = `${lines.join('\n')}${random.chance(0.9) ? '\n' : ''}`
  const bytes = new TextEncoder().encode(text)
  return random.chance(0.8) ? damaged(bytes, random) : bytes
}

/** Whatever is said to it, the writer ends with one of its words, touches no file but its own, and never says done of what is not whole. */
async function check(input: Uint8Array): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-writer-fuzz-'))
  try {
    const [device, source, other] = ['device', 'source', 'other'].map((name) => join(folder, name))
    if (!device || !source || !other) return
    const image = Buffer.alloc(200_704, 7)
    await writeFile(device, Buffer.alloc(DEVICE_BYTES, DIRT))
    await writeFile(source, image)
    await writeFile(other, 'untouched')
    const said: string[] = []
    const ending = Promise.withResolvers<void>()
    const text = Buffer.from(input).toString('latin1').replaceAll('SOURCE', source)
    const code = await runSession({
      device,
      descriptor: null,
      input: piecesOf(Buffer.from(text, 'latin1'), ending.promise),
      tell(event) {
        said.push(event.event === 'failed' ? `failed ${event.why}` : event.event)
        if (event.event === 'done' || event.event === 'failed') ending.resolve()
      },
      isElevated: false,
      dropRights: () => () => undefined,
    })
    const last = said.at(-1) ?? ''
    if ((code === 0) !== (last === 'done') || (code === 1) !== last.startsWith('failed'))
      throw new Error(`ended with ${code} after ${last}`)
    if (last === 'failed unforeseen') throw new Error(said.join(', '))
    if ((await readFile(other, 'utf8')) !== 'untouched' || !(await readFile(source)).equals(image)) throw new Error('it wrote elsewhere')
    const front = (await readFile(device)).subarray(0, 4096)
    if (front.equals(image.subarray(0, 4096)) && code !== 0) throw new Error('a card that is not whole looks whole')
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The bytes in pieces; they end when the writer has ended, or has nothing to say for a while. */
async function* piecesOf(bytes: Uint8Array, ending: Promise<void>): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += 100) yield await Promise.resolve(bytes.subarray(at, at + 100))
  await Promise.race([ending, sleep(30)])
}

export const writerFuzz: FuzzTarget = { make, check }
