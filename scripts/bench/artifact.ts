import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Row } from '../bench.ts'
import { median } from '../quantiles.ts'
import { type Sample, sample } from './load/sample.ts'

/** A root file system of this size, four fifths of it real programs and libraries, the rest free as on a device. */
const IMAGE_MIB = 512
const CONTENT = ['/usr/bin/*', '/usr/sbin/*', '/usr/lib/*/*.so*', '/usr/share/doc/*/copyright', '/usr/share/**/*.mo', '/usr/lib/**/*']
const ROUNDS = 3
const PEER = 'mender-artifact'
const OTABENCH = join(import.meta.dirname, '../../out/main/cli.js')
const COMMAND = 'npm run bench artifact'

async function makeImage(folder: string): Promise<void> {
  const content = join(folder, 'content')
  mkdirSync(content)
  const taken = new Set<string>()
  let leftBytes = IMAGE_MIB * 0.8 * 2 ** 20
  for await (const path of glob(CONTENT)) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size > leftBytes || taken.has(path)) continue
    taken.add(path)
    leftBytes -= found.size
    copyFileSync(path, join(content, `${taken.size}-${basename(path)}`))
  }
  writeFileSync(join(content, 'hostname'), 'board\n')
  const inodes = String(taken.size + 1000)
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-N', inodes, '-d', content, join(folder, 'rootfs.ext4'), `${IMAGE_MIB}M`])
  await rm(content, { recursive: true })
}

interface Task {
  what: string
  args: (file: string) => string[]
}

const write = (compression: string): Task => ({
  what: `write rootfs-image, ${compression}`,
  args: (file) => [
    'write',
    'rootfs-image',
    '-f',
    'rootfs.ext4',
    '-n',
    'release-1',
    '-t',
    'board',
    '--compression',
    compression,
    '-o',
    file,
  ],
})
const validate = (compression: string): Task => ({ what: `validate, ${compression}`, args: (file) => ['validate', file] })
/** Out of the artifact that was written before, and into it. */
const cat = (compression: string): Task => ({
  what: `cat of one file inside, ${compression}`,
  args: (file) => ['cat', `${file}:/hostname`],
})
const cp = (compression: string): Task => ({
  what: `cp of one file into it, ${compression}`,
  args: (file) => ['cp', '/etc/passwd', `${file}:/passwd`],
})
const sign = (compression: string): Task => ({
  what: `sign, ${compression}`,
  args: (file) => ['sign', file, '-k', 'key.pem', '-o', `signed-${file}`],
})
const modify: Task = { what: 'modify metadata, gzip', args: (file) => ['modify', file, '-p', 'bench:1'] }

interface Measuring {
  folder: string
  rounds?: number
  /** What the peer does instead, where it cannot do the same. */
  instead?: Task
}

async function measure(task: Task, { folder, rounds = ROUNDS, instead = task }: Measuring): Promise<Row[]> {
  const ours: Sample[] = []
  const peer: Sample[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await sample([process.execPath, OTABENCH, 'artifact', ...task.args('ours.mender')], folder))
    peer.push(await sample([PEER, ...instead.args('theirs.mender')], folder))
  }
  const other = instead === task ? PEER : `${PEER} ${instead.what}`
  const compared = (key: keyof Sample, unit: string, label: string): Row => {
    const [own, theirs] = [median(ours.map((each) => each[key])), median(peer.map((each) => each[key]))]
    return {
      what: `artifact ${task.what}: ${label} (peer: ${other})`,
      ours: own,
      peer: theirs,
      ratio: theirs / own,
      unit,
      command: COMMAND,
    }
  }
  return [compared('seconds', 's', 'time'), compared('peakMb', 'MB', 'peak memory')]
}

function sizes(folder: string, what: string): Row {
  const [ours, peer] = [statSync(join(folder, 'ours.mender')).size, statSync(join(folder, 'theirs.mender')).size]
  return {
    what: `artifact in ${what}: size (peer: ${PEER})`,
    ours: ours / 1e6,
    peer: peer / 1e6,
    ratio: peer / ours,
    unit: 'MB',
    command: COMMAND,
  }
}

/** What mender-artifact does with an artifact that is there, in one compression. */
async function benchCommon(compression: string, folder: string): Promise<Row[]> {
  const rows = [...(await measure(write(compression), { folder })), ...(await measure(validate(compression), { folder }))]
  rows.push(sizes(folder, compression))
  for (const task of [sign, cat, cp]) rows.push(...(await measure(task(compression), { folder })))
  return rows
}

/** mender-artifact 3.9 has no zstd: what it does with gzip is the peer. */
async function benchZstd(folder: string): Promise<Row[]> {
  const written = await measure(write('zstd'), { folder, instead: write('gzip') })
  return [
    ...written,
    ...(await measure(validate('zstd'), { folder, instead: validate('gzip') })),
    sizes(folder, "zstd, the peer's in gzip"),
  ]
}

/** Minutes for each: once is enough. */
async function benchLzma(folder: string): Promise<Row[]> {
  const written = await measure(write('lzma'), { folder, rounds: 1 })
  return [...written, ...(await measure(validate('lzma'), { folder, rounds: 1 })), sizes(folder, 'lzma')]
}

/** Writing, validating, signing and the rest against Debian's mender-artifact, on one image, in alternation; medians of three. */
export async function benchArtifact(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-artifact-'))
  try {
    await makeImage(folder)
    // The form of key that the peer reads.
    execFileSync('openssl', ['genrsa', '-traditional', '-out', join(folder, 'key.pem'), '3072'], { stdio: 'ignore' })
    const rows = await benchCommon('none', folder)
    rows.push(...(await benchCommon('gzip', folder)))
    rows.push(...(await measure(modify, { folder })))
    return [...rows, ...(await benchZstd(folder)), ...(await benchLzma(folder))]
  } finally {
    await rm(folder, { recursive: true })
  }
}
