import { gzipSync, zstdCompressSync } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'
import { type FuzzTarget, type Random, damaged } from '../lib/fuzz.cases.ts'
import { lintArtifact } from './lint-file.ts'
import { checkArtifact } from './read.ts'
import { readFront } from './resign.ts'
import { type RawEntry, brokenArtifact, bytesOf, fileOf, rawTar, sha256Of, textOf } from './samples.cases.ts'
import { BLOCK_BYTES, headerSum } from './tar-header.ts'
import { xzSmall } from './xz.ts'

type Packer = (bytes: Uint8Array) => Promise<Uint8Array>

const PACKERS: readonly [readonly [string, Packer], ...(readonly [string, Packer])[]] = [
  ['', (bytes) => Promise.resolve(bytes)],
  ['.gz', (bytes) => Promise.resolve(gzipSync(bytes))],
  ['.xz', async (bytes) => (await xzSmall(bytes, null)) ?? bytes],
  ['.zst', (bytes) => Promise.resolve(zstdCompressSync(bytes))],
]

const HEADER_INFO =
  '{"payloads":[{"type":"script"}],"artifact_provides":{"artifact_name":"r","artifact_group":"g"},"artifact_depends":{"device_type":["b"]}}'
const HEADER_INFO_2 = '{"artifact_name":"r","updates":[{"type":"rootfs-image"}],"device_types_compatible":["b"]}'
const TYPE_INFO = '{"type":"script","artifact_provides":{"k":"v"},"artifact_depends":{"d":["e"]},"clears_artifact_provides":["k.*"]}'

const entry = (name: string, text: string): RawEntry => ({ name, content: bytesOf(text) })

interface Form {
  formatVersion: number
  fileCount: number
  /** Of header.tar. */
  entries: readonly RawEntry[]
}

const FORMS: readonly [Form, ...Form[]] = [
  {
    formatVersion: 3,
    fileCount: 2,
    entries: [
      entry('header-info', HEADER_INFO),
      entry('scripts/ArtifactInstall_Enter_00', '#!/bin/sh\n'),
      entry('headers/0000/type-info', TYPE_INFO),
      entry('headers/0000/meta-data', '{"a":[1,{"b":null}]}'),
    ],
  },
  {
    formatVersion: 3,
    fileCount: 0,
    entries: [entry('header-info', HEADER_INFO.replace('"script"', 'null')), entry('headers/0000/type-info', '{"type":null}')],
  },
  {
    formatVersion: 2,
    fileCount: 1,
    entries: [
      entry('header-info', HEADER_INFO_2),
      entry('headers/0000/files', '{"files":["update.sh"]}'),
      entry('headers/0000/type-info', '{"type":"rootfs-image"}'),
      entry('headers/0000/meta-data', ''),
    ],
  },
]

/** Leaves most entries, and doubles, drops, swaps, renames or damages others. */
function shuffled(entries: readonly RawEntry[], random: Random): RawEntry[] {
  const list = entries.flatMap((each) => {
    if (random.chance(0.9)) return [each]
    if (random.chance(0.3)) return [each, each]
    if (random.chance(0.3)) return []
    return [
      random.chance(0.5)
        ? { ...each, content: damaged(each.content, random) }
        : { ...each, name: textOf(damaged(bytesOf(each.name), random)) },
    ]
  })
  return random.chance(0.95) ? list : list.toReversed()
}

/** The tar damaged, half of the time with the sums of its headers put right, so that the damage gets past them. */
function damagedTar(tar: Uint8Array, random: Random): Uint8Array {
  const result = damaged(tar, random)
  if (random.chance(0.5)) return result
  const whole = Uint8Array.from(result)
  for (let at = 0; at + BLOCK_BYTES <= whole.length; at += BLOCK_BYTES) {
    const block = whole.subarray(at, at + BLOCK_BYTES)
    if (textOf(block.subarray(257, 262)) === 'ustar') block.set(bytesOf(`${headerSum(block).toString(8).padStart(6, '0')}\0 `), 148)
  }
  return whole
}

/** One stage of the making is damaged, or none; what comes after it is computed from what came of it, so that the damage gets deep. */
async function make(random: Random): Promise<Uint8Array> {
  const stage = random.below(8)
  const at = (which: number): boolean => stage === which
  const form = random.pick(FORMS)
  const { formatVersion, entries } = form
  const payload = [entry('update.sh', 'echo hello\n'), entry('more.bin', 'x'.repeat(random.below(3000)))].slice(0, form.fileCount)
  const [headerSuffix, packHeader] = random.pick(PACKERS)
  const [dataSuffix, packData] = random.pick(PACKERS)
  const headerTar = rawTar(at(0) ? shuffled(entries, random) : entries)
  const storedHeader = await packHeader(at(1) ? damagedTar(headerTar, random) : headerTar)
  const dataTar = rawTar(at(2) ? shuffled(payload, random) : payload)
  const storedData = await packData(at(3) ? damagedTar(dataTar, random) : dataTar)
  const sums = payload.map(({ name, content }) => `${sha256Of(content)}  data/0000/${name}\n`).join('')
  return brokenArtifact({
    version: bytesOf(`{"format":"mender","version":${formatVersion}}`),
    headerName: `header.tar${headerSuffix}`,
    storedHeader: at(4) ? damaged(storedHeader, random) : storedHeader,
    dataName: `data/0000.tar${dataSuffix}`,
    storedData: at(5) ? damaged(storedData, random) : storedData,
    manifest: (usual) => {
      const manifest = bytesOf(textOf(usual).replace(/^[0-9a-f]{64} {2}data[^\n]*\n/, sums))
      return random.chance(0.05) ? damaged(manifest, random) : manifest
    },
    signature: random.chance(0.3) ? bytesOf('A'.repeat(88)) : null,
    outer: (usual) => (at(6) ? shuffled(usual, random) : usual),
    whole: (usual) => (at(7) ? damagedTar(usual, random) : usual),
  })
}

/** Refuses in words (false), or takes it; anything else is a finding. */
async function refusable(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (thrown) {
    if (!(thrown instanceof AppError) || !['ARTIFACT_INVALID', 'SIGNATURE_INVALID'].includes(thrown.code)) throw thrown
    return false
  }
}

async function check(input: Uint8Array): Promise<void> {
  const file = fileOf(input, 1000)
  const isGood = await refusable(checkArtifact(file.chunks(0)))
  await refusable(readFront(file))
  const findings = await lintArtifact(file)
  if (!isGood && !findings.some(({ severity }) => severity === 'refused')) throw new Error('lint calls good what the reader refuses')
}

/** Artifacts of every compression and format version, damaged at one stage of their making. */
export const artifactFuzz: FuzzTarget = { make, check }
