import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Row } from '../bench.ts'
import { type Sample, sample } from './load/sample.ts'

/** Two root file systems of this size, two thirds of each real programs, libraries and texts. */
const IMAGE_MIB = 256
const CONTENT = ['/usr/bin/*', '/usr/sbin/*', '/usr/lib/*/*.so*', '/usr/share/doc/*/copyright', '/usr/share/**/*.mo']
const LARGEST_BYTES = 20e6
const FOLDERS = 40
const OTABENCH = join(import.meta.dirname, '../../out/main/cli.js')
const COMMAND = 'npm run bench delta'

/** Numbers as good as drawn, the same in every run: at least 0, below `limit`. */
function dice(): (limit: number) => number {
  let state = 1
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Puts the same files into the tree of either release; answers their paths in it. */
async function fillTrees(folder: string): Promise<string[]> {
  for (const tree of ['old', 'new']) for (let at = 0; at < FOLDERS; at += 1) mkdirSync(join(folder, tree, String(at)), { recursive: true })
  const names: string[] = []
  let leftBytes = ((IMAGE_MIB * 2) / 3) * 2 ** 20
  for await (const path of glob(CONTENT)) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size > Math.min(leftBytes, LARGEST_BYTES)) continue
    leftBytes -= found.size
    const name = `${names.length % FOLDERS}/${names.length}-${basename(path)}`
    names.push(name)
    for (const tree of ['old', 'new']) copyFileSync(path, join(folder, tree, name))
  }
  return names
}

/** What a release does to a file: a line is added, addresses in it move, both, or its end is cut off. */
function released(content: Buffer, roll: (limit: number) => number): Buffer {
  const kind = roll(4)
  const at = roll(content.length)
  const line = Buffer.from('a line that this release adds\n'.repeat(1 + roll(40)))
  const grown = kind === 0 || kind === 2 ? Buffer.concat([content.subarray(0, at), line, content.subarray(at)]) : Buffer.from(content)
  if (kind === 3) return grown.subarray(0, at)
  if (kind > 0)
    for (let word = roll(400); word < grown.length - 4; word += 200 + roll(3000))
      grown.writeUInt32LE((grown.readUInt32LE(word) ^ 0x40) >>> 0, word)
  return grown
}

function makeImage(folder: string, tree: string, image: string, ...flags: string[]): void {
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', ...flags, '-d', join(folder, tree), join(folder, image), `${IMAGE_MIB}M`])
}

const SEED = '00000000-0000-4000-8000-00000000000b'
const FIXED = ['-U', SEED, '-E', `hash_seed=${SEED}`]

interface Pair {
  what: string
  make(folder: string, names: readonly string[]): void
}

/** In the order in which the trees can become what each wants. `old.ext4` and `new.ext4` come out. */
const PAIRS: readonly Pair[] = [
  {
    what: 'one file changed, built reproducibly',
    make(folder) {
      makeImage(folder, 'old', 'old.ext4', ...FIXED)
      writeFileSync(join(folder, 'new/0/os-release'), 'VERSION_ID=2\n')
      makeImage(folder, 'new', 'new.ext4', ...FIXED)
    },
  },
  {
    what: '20 files replaced in the image',
    make(folder, names) {
      makeImage(folder, 'old', 'old.ext4')
      copyFileSync(join(folder, 'old.ext4'), join(folder, 'new.ext4'))
      const roll = dice()
      const script = Array.from({ length: 20 }, () => names[roll(names.length)] ?? '').map((name, at) => {
        const path = join(folder, `edit-${at}`)
        writeFileSync(path, released(readFileSync(join(folder, 'old', name)), roll))
        return `rm /${name}\nwrite ${path} /${name}\n`
      })
      execFileSync('debugfs', ['-w', '-f', '-', join(folder, 'new.ext4')], { input: script.join(''), stdio: ['pipe', 'ignore', 'ignore'] })
    },
  },
  {
    what: '3 % of the files changed, both built anew',
    make(folder, names) {
      const roll = dice()
      for (const name of names) {
        const path = join(folder, 'new', name)
        const content = readFileSync(path)
        if (content.length > 0 && roll(100) < 3) writeFileSync(path, released(content, roll))
        if (roll(1000) < 2) rmSync(path)
        if (roll(1000) < 3) writeFileSync(`${path}.new`, content.subarray(0, 60_000))
      }
      makeImage(folder, 'old', 'old.ext4')
      makeImage(folder, 'new', 'new.ext4')
    },
  },
]

async function measure(folder: string, { what }: Pair): Promise<Row[]> {
  const otabench = (...args: string[]) => sample([process.execPath, OTABENCH, 'artifact', ...args], folder)
  for (const name of ['old', 'new'])
    await otabench(
      'write',
      'rootfs-image',
      '-f',
      `${name}.ext4`,
      '-n',
      name,
      '-t',
      'board',
      '--compression',
      'zstd_better',
      '-o',
      `${name}.mender`,
    )
  const ours = await otabench('delta', 'old.mender', 'new.mender', '-o', 'delta.mender')
  const xdelta = await sample(
    ['xdelta3', '-e', '-9', '-f', '-B', String(IMAGE_MIB * 2 ** 20), '-s', 'old.ext4', 'new.ext4', 'xdelta'],
    folder,
  )
  const zstd = await sample(['zstd', '-q', '-f', '-12', '--long=28', '--patch-from=old.ext4', 'new.ext4', '-o', 'zstd'], folder)
  const megabytes = (name: string) => statSync(join(folder, name)).size / 1e6
  const size = (peer: string, file: string): Row => {
    const [own, theirs] = [megabytes('delta.mender'), megabytes(file)]
    return { what: `delta, ${what}: size (peer: ${peer})`, ours: own, peer: theirs, ratio: theirs / own, unit: 'MB', command: COMMAND }
  }
  const made = (peer: string, theirs: Sample): Row[] =>
    (['seconds', 'peakMb'] as const).map((key) => ({
      what: `delta, ${what}: ${key === 'seconds' ? 'time' : 'peak memory'} (peer: ${peer})`,
      ...{ ours: ours[key], peer: theirs[key], ratio: theirs[key] / ours[key], unit: key === 'seconds' ? 's' : 'MB', command: COMMAND },
    }))
  const sizes = [size('full artifact, zstd', 'new.mender'), size('xdelta3 -9', 'xdelta'), size('zstd -12 --patch-from', 'zstd')]
  return what.startsWith('3 %') ? [...sizes, ...made('xdelta3 -9', xdelta), ...made('zstd -12 --patch-from', zstd)] : sizes
}

/** Deltas of three kinds of release against the full artifact and what others make of the same two images. */
export async function benchDelta(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-delta-'))
  try {
    const names = await fillTrees(folder)
    const rows: Row[] = []
    for (const pair of PAIRS) {
      pair.make(folder, names)
      rows.push(...(await measure(folder, pair)))
    }
    return rows
  } finally {
    await rm(folder, { recursive: true })
  }
}
