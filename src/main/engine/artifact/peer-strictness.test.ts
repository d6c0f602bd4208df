import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { HEADER_INFO } from './malformed.cases.ts'
import { checkArtifact } from './read.ts'
import { PAYLOAD, brokenArtifact, bytesOf, inPieces } from './samples.cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'otabench-strictness-'))
afterAll(() => rmSync(folder, { recursive: true }))

function isTakenByPeer(file: Uint8Array): boolean {
  writeFileSync(join(folder, 'a.mender'), file)
  try {
    execFileSync('mender-artifact', ['validate', 'a.mender'], { cwd: folder, stdio: 'ignore' })
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number') return false
    throw thrown
  }
}

const some = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    3,
    3.5,
    -1,
    '',
    'a',
    'script',
    [],
    {},
    ['d'],
    [''],
    [1],
    [null],
    [[]],
    { a: 'b' },
    { a: ['b'] },
    { a: 1 },
  ),
  fc.jsonValue({ maxDepth: 2 }),
)
const names = fc.constantFrom(
  'payloads',
  'artifact_provides',
  'artifact_depends',
  'artifact_name',
  'artifact_group',
  'device_type',
  'type',
  'clears_artifact_provides',
  'x',
)

/** A sound value with one thing in it replaced, added or taken away. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null) return some
  const keys = Object.keys(value)
  const inside = keys.map((key) =>
    fc
      .oneof(some, mutated(Reflect.get(value, key)))
      .map((changed) => (Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed })),
  )
  const without = keys.map((key) => fc.constant(Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))))
  const added = fc.tuple(names, some).map(([name, more]) => ({ ...value, [name]: more }))
  return Array.isArray(value) ? fc.oneof(...inside, some) : fc.oneof(...inside, ...without, added)
}

const TYPE_INFO = { type: 'script', artifact_provides: { a: 'b' }, artifact_depends: { k: 'v' }, clears_artifact_provides: ['x.*'] }
const artifacts = fc.oneof(
  mutated(HEADER_INFO).map((headerInfo) => brokenArtifact({ headerInfo })),
  mutated(TYPE_INFO).map((typeInfo) => brokenArtifact({ typeInfo })),
  mutated({ format: 'mender', version: 3 }).map((version) => brokenArtifact({ version: bytesOf(JSON.stringify(version)) })),
  fc
    .constantFrom('3.0', '3e0', '0x3', '+3', '03', '3.', '30e-1', ' 3 ')
    .map((number) => brokenArtifact({ version: bytesOf(`{"format":"mender","version":${number}}`) })),
  fc
    .tuple(fc.stringMatching(/^[a-zA-Z0-9 ._,+~@:/-]{1,12}$/))
    .map(([name]) => brokenArtifact({ payload: [{ name, content: bytesOf('x') }] })),
  fc.tuple(fc.nat(3000), fc.nat(255)).map(([at, value]) => {
    const file = Uint8Array.from(brokenArtifact({ headerName: 'header.tar', dataName: 'data/0000.tar', payload: PAYLOAD }))
    file[at % file.length] = value
    return file
  }),
)

it('what mender-artifact 3.9 refuses, we refuse', async () => {
  await fc.assert(
    fc.asyncProperty(artifacts, async (file) => {
      const isTaken = await checkArtifact(inPieces(file)).then(
        () => true,
        () => false,
      )
      expect(!isTaken || isTakenByPeer(file)).toBe(true)
    }),
    { numRuns: 400 },
  )
})
