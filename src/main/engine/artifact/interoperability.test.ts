import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { withDefaults } from './provides.ts'
import { checkArtifact, readArtifact } from './read.ts'
import { MemorySink, bytesOf, inPieces, moduleSpec, payload } from './samples.cases.ts'
import { metaDataJson } from './schema.ts'
import { signerOf } from './sign.ts'
import type { TarEntry } from './tar-header.ts'
import { TarReader } from './tar-read.ts'
import { type ArtifactSpec, type WriteOptions, writeArtifact } from './write.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'otabench-interoperability-'))
const file = (name: string): string => join(folder, name)

const IMAGE = new Uint8Array(300_000).map((_, at) => (at * 7919) >> (at % 5))

interface Key {
  name: string
  privateKeyPem: string
  publicKeyPem: string
}

/** Keys in the forms that mender-artifact 3.9 reads: PKCS#1 and SEC1. */
const KEYS: Record<'rsa' | 'rsa3072' | 'p256', Key> = {
  rsa: rsaKey('rsa', 2048),
  rsa3072: rsaKey('rsa3072', 3072),
  p256: keyOf(
    'p256',
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  ),
}

function rsaKey(name: string, modulusLength: number): Key {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
  return keyOf(name, generateKeyPairSync('rsa', { modulusLength, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding }))
}

function keyOf(name: string, { privateKey, publicKey }: { privateKey: string; publicKey: string }): Key {
  return { name, privateKeyPem: privateKey, publicKeyPem: publicKey }
}

/** Runs Debian's mender-artifact; without it these tests fail, because they would prove nothing. */
async function tool(...args: string[]): Promise<string> {
  const { stdout } = await run('mender-artifact', args, { cwd: folder }).catch(
    (thrown: NodeJS.ErrnoException & { stdout?: string; stderr?: string }) => {
      if (thrown.code === 'ENOENT') throw new Error('mender-artifact is not installed: apt-get install mender-artifact', { cause: thrown })
      throw new Error(`mender-artifact ${args.join(' ')}: ${thrown.stdout}${thrown.stderr}`, { cause: thrown })
    },
  )
  return stdout
}

beforeAll(async () => {
  for (const { name, privateKeyPem, publicKeyPem } of Object.values(KEYS)) {
    await writeFile(file(`${name}.pem`), privateKeyPem, { mode: 0o600 })
    await writeFile(file(`${name}.pub`), publicKeyPem)
  }
})

afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, spec: ArtifactSpec, options: Partial<WriteOptions> = {}): Promise<Uint8Array> {
  const sink = new MemorySink()
  const stamp = { uid: 0, gid: 0, uname: 'root', gname: 'root', modifiedAt: 1_700_000_000_000 }
  const { sizeBytes } = await writeArtifact(spec, sink, { stamp, ...options })
  expect(sink.bytes.length).toBe(sizeBytes)
  await writeFile(file(name), sink.bytes)
  return sink.bytes
}

function specOf(payloadType: string | null, changes: Partial<ArtifactSpec> = {}): ArtifactSpec {
  const defaults =
    payloadType === null
      ? { provides: {}, clearsProvides: [] }
      : withDefaults({
          payloadType,
          artifactName: 'release-1',
          hasDefaultSoftwareVersion: true,
          hasDefaultClearsProvides: true,
          provides: {},
          clearsProvides: [],
        })
  const files = payloadType === null ? [] : [payload('rootfs.ext4', IMAGE)]
  return moduleSpec({
    payloadType,
    files,
    ...defaults,
    checksumProvide: payloadType === 'rootfs-image' ? 'rootfs-image.checksum' : null,
    ...changes,
  })
}

/** The flag of a gzip header that an extra field follows. */
const GZIP_FEXTRA = 4

const KINDS = ['rootfs-image', 'script', null] as const
const MATRIX = KINDS.flatMap((kind) =>
  (['none', 'gzip', 'lzma'] as const).flatMap((compression) =>
    ([null, 'rsa', 'rsa3072', 'p256'] as const).map((key) => ({ kind, compression, key })),
  ),
)

describe('what we write', () => {
  it.each(MATRIX)('is valid for mender-artifact: $kind, $compression, key $key', async ({ kind, compression, key }) => {
    const signer = key && signerOf(KEYS[key].privateKeyPem)
    await write('ours.mender', specOf(kind, { compression }), { signer })
    await tool('validate', ...(key ? ['-k', `${key}.pub`] : []), 'ours.mender')
    const text = await tool('read', ...(key ? ['-k', `${key}.pub`] : []), 'ours.mender')
    expect(text).toContain('Name: release-1')
    if (key) expect(text).toContain('Signature: signed and verified correctly')
  })

  it('is valid for mender-artifact with scripts, depends, meta-data and several files', async () => {
    const scripts = ['ArtifactInstall_Leave_10', 'ArtifactInstall_Enter_00'].map((name) => ({
      name,
      mode: 0o755,
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
      modifiedAt: 0,
      content: bytesOf('#!/bin/sh\n'),
    }))
    const rich = {
      group: 'lab',
      dependsNames: ['release-0'],
      dependsGroups: ['lab'],
      depends: { kernel: '6' },
      metaData: { list: [1, '<x>'], nested: { é: null } },
    }
    await write(
      'rich.mender',
      specOf('script', { ...rich, scripts, compression: 'gzip', files: [payload('a', IMAGE), payload('b', new Uint8Array(0))] }),
    )
    await tool('validate', 'rich.mender')
    const text = await tool('read', 'rich.mender')
    for (const part of ['Provides group: lab', 'release-0', 'ArtifactInstall_Enter_00', 'kernel: 6', 'name:     a'])
      expect(text).toContain(part)
  })

  it('is valid for mender-artifact where the compressed header was filled to its room with an extra field', async () => {
    const noise = createHash('shake256', { outputLength: 500 }).update('noise').digest('hex')
    const flags = new Set<number | undefined>()
    for (let length = 0; length < noise.length && !flags.has(GZIP_FEXTRA); length += 20) {
      const provides = { noise: noise.slice(0, length) }
      const bytes = await write('filled.mender', specOf('rootfs-image', { compression: 'gzip', provides }))
      const tar = new TarReader(new ByteReader(inPieces(bytes), 'ours'), 1 << 16)
      while (!(await tar.next())?.name.startsWith('header.tar'));
      flags.add((await tar.contentWhole(4096))[3])
    }
    expect(flags).toContain(GZIP_FEXTRA)
    await tool('validate', 'filled.mender')
  })

  it('is refused by mender-artifact with the wrong key', async () => {
    await write('ours.mender', specOf('script'), { signer: signerOf(KEYS.rsa.privateKeyPem) })
    await expect(tool('validate', '-k', 'p256.pub', 'ours.mender')).rejects.toThrow(/signer: invalid/)
  })
})

/** Writes with mender-artifact until both of its temporary files fall into one second, so that one time describes them. */
async function toolWrites(args: readonly string[]): Promise<{ bytes: Uint8Array; stamp: TarEntry }> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await tool('write', ...args, '-o', 'theirs.mender')
    const bytes = await readFile(file('theirs.mender'))
    const tar = new TarReader(new ByteReader(inPieces(bytes), 'theirs'), 1 << 16)
    const stamps: TarEntry[] = []
    for (let entry = await tar.next(); entry; entry = await tar.next()) if (/^(header|data)/.test(entry.name)) stamps.push(entry)
    const [header, data] = stamps
    if (header && data && header.modifiedAt === data.modifiedAt) return { bytes, stamp: data }
  }
  throw new Error('mender-artifact never finished within one second')
}

const FILE_SECONDS = 1_650_000_000

async function payloadFile(name: string, content: Uint8Array): Promise<void> {
  await writeFile(file(name), content)
  await chmod(file(name), 0o640)
  await utimes(file(name), FILE_SECONDS, FILE_SECONDS + 0.7)
}

/** What mender-artifact makes of a file's owner is the same as it makes of its own temporary files. */
function sameOwner(name: string, content: Uint8Array, { uid, gid, uname, gname }: TarEntry) {
  return payload(name, content, { mode: 0o640, uid, gid, uname, gname, modifiedAt: (FILE_SECONDS + 0.7) * 1000 })
}

const LONG_NAME = `${'n'.repeat(120)}.sh`

describe('without compression we write the bytes of mender-artifact 3.9', () => {
  it.each([null, 'rsa'] as const)('for a rootfs-image, key %s', async (key) => {
    await payloadFile('rootfs.ext4', IMAGE)
    const { bytes, stamp } = await toolWrites([
      'rootfs-image',
      '--compression',
      'none',
      '-n',
      'release-1',
      '-t',
      'board',
      '-f',
      'rootfs.ext4',
      ...(key ? ['-k', `${key}.pem`] : []),
    ])
    const spec = specOf('rootfs-image', { files: [sameOwner('rootfs.ext4', IMAGE, stamp)], hasLegacyEmptyType: true })
    const ours = await write('ours.mender', spec, { stamp, signer: key && signerOf(KEYS[key].privateKeyPem) })
    expect(Buffer.from(ours).equals(bytes)).toBe(true)
  })

  it.each(['update.sh', LONG_NAME])('for a module-image with groups, depends, a script and meta-data, payload %s', async (name) => {
    await payloadFile(name, IMAGE)
    await payloadFile('empty', new Uint8Array(0))
    await payloadFile('ArtifactInstall_Enter_00_x', bytesOf('#!/bin/sh\n'))
    await writeFile(file('meta.json'), '{"z": 1.50, "a": {"é": "<&>", "b": [12345678901234567890, null, true]}}')
    const flags =
      '-T script -n release-1 -t board -t other -g lab -G lab -N release-0 -d kernel:6 -p k:v --clears-provides foo.* -m meta.json -s ArtifactInstall_Enter_00_x'
    const { bytes, stamp } = await toolWrites(['module-image', '--compression', 'none', ...flags.split(' '), '-f', name, '-f', 'empty'])
    const { chunks: _, ...script } = sameOwner('ArtifactInstall_Enter_00_x', bytesOf('#!/bin/sh\n'), stamp)
    const spec = specOf('script', {
      ...{ deviceTypes: ['board', 'other'], group: 'lab', dependsGroups: ['lab'], dependsNames: ['release-0'], depends: { kernel: '6' } },
      provides: { k: 'v', 'rootfs-image.script.version': 'release-1' },
      clearsProvides: ['foo.*', 'rootfs-image.script.*'],
      metaData: metaDataJson.parse(JSON.parse(await readFile(file('meta.json'), 'utf8'))),
      scripts: [{ ...script, content: bytesOf('#!/bin/sh\n') }],
      files: [sameOwner(name, IMAGE, stamp), sameOwner('empty', new Uint8Array(0), stamp)],
    })
    const ours = await write('ours.mender', spec, { stamp })
    expect(Buffer.from(ours).equals(bytes)).toBe(true)
  })

  it.each([null, 'rsa3072'] as const)('for a root file system in format 2, key %s', async (key) => {
    await payloadFile('rootfs.ext4', IMAGE)
    await payloadFile('ArtifactInstall_Enter_00_x', bytesOf('#!/bin/sh\n'))
    const flags = '-v 2 -n release-1 -t board -t other -f rootfs.ext4 -s ArtifactInstall_Enter_00_x --compression none'.split(' ')
    const { bytes, stamp } = await toolWrites(['rootfs-image', ...flags, ...(key ? ['-k', `${key}.pem`] : [])])
    const { chunks: _, ...script } = sameOwner('ArtifactInstall_Enter_00_x', bytesOf('#!/bin/sh\n'), stamp)
    const spec = specOf('rootfs-image', {
      ...{ formatVersion: 2, deviceTypes: ['board', 'other'], checksumProvide: null },
      files: [sameOwner('rootfs.ext4', IMAGE, stamp)],
      scripts: [{ ...script, content: bytesOf('#!/bin/sh\n') }],
    })
    const ours = await write('ours.mender', spec, { stamp, signer: key && signerOf(KEYS[key].privateKeyPem) })
    expect(Buffer.from(ours).equals(bytes)).toBe(true)
    expect(await checkArtifact(inPieces(ours))).toMatchObject({ formatVersion: 2, scripts: ['ArtifactInstall_Enter_00_x'] })
  })

  it('for a bootstrap artifact', async () => {
    const { bytes, stamp } = await toolWrites(['bootstrap-artifact', '--compression', 'none', '-n', 'release-1', '-t', 'board'])
    expect(Buffer.from(await write('ours.mender', specOf(null), { stamp })).equals(bytes)).toBe(true)
  })
})

describe('what mender-artifact writes', () => {
  it.each(MATRIX)('is valid for us: $kind, $compression, key $key', async ({ kind, compression, key }) => {
    await payloadFile('rootfs.ext4', IMAGE)
    const subcommand =
      kind === null
        ? ['bootstrap-artifact']
        : kind === 'script'
          ? ['module-image', '-T', 'script', '-f', 'rootfs.ext4']
          : ['rootfs-image', '-f', 'rootfs.ext4']
    await tool(
      'write',
      ...subcommand,
      '-n',
      'release-1',
      '-t',
      'board',
      '--compression',
      compression,
      '-o',
      'theirs.mender',
      ...(key ? ['-k', `${key}.pem`] : []),
    )
    const keys = Object.values(KEYS).map(({ name, publicKeyPem }) => ({ name, publicKeyPem }))
    const content = await readArtifact(inPieces(await readFile(file('theirs.mender')), 1000), { keys, requireSignature: key !== null })
    expect(content).toMatchObject({
      name: 'release-1',
      payloadType: kind,
      compression,
      signature: { present: key !== null, verifiedBy: key },
    })
  })

  it('is valid for us in format 2', async () => {
    await payloadFile('rootfs.ext4', IMAGE)
    await tool('write', 'rootfs-image', '-v', '2', '-n', 'release-1', '-t', 'board', '-f', 'rootfs.ext4', '-o', 'theirs.mender')
    expect(await checkArtifact(inPieces(await readFile(file('theirs.mender'))))).toMatchObject({
      formatVersion: 2,
      name: 'release-1',
      deviceTypes: ['board'],
    })
  })
})

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')

describe("Mender's own fixture", () => {
  it('with an ECDSA signature in DER verifies with its key', async () => {
    if (!existsSync(FIXTURES)) {
      console.log(`${FIXTURES} is absent: the signed fixture was not read`)
      return
    }
    const bytes = await readFile(join(FIXTURES, 'a0-signed-nitro.mender'))
    const publicKeyPem = await readFile(join(FIXTURES, 'ec.pem'), 'utf8')
    const content = await readArtifact(inPieces(bytes), { keys: [{ name: 'ec.pem', publicKeyPem }], requireSignature: true })
    expect(content).toMatchObject({
      name: 'a0',
      deviceTypes: ['raspberrypi5'],
      signature: { present: true, verifiedBy: 'ec.pem' },
      warnings: [],
    })
  })
})
