import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { metaDataJson } from '../../engine/artifact/schema.ts'
import { nodeHost } from '../../engine/host.node.ts'
import type { CliContext } from '../context.ts'
import { Printer } from '../print.ts'
import { runCommand } from '../run-command.ts'
import { artifactCommand } from './artifact.ts'
import { keysCommand } from './keys.ts'

const root = mkdtempSync(join(tmpdir(), 'otabench-artifact-cli-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The folder of the test that runs. */
const cwd = join(root, 'work')
beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true })
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'upgrade_os.sh'), '#!/bin/sh\necho upgraded\n')
  writeFileSync(join(cwd, 'rootfs.ext4'), 'a root file system')
})

interface Run {
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs one line of `otabench artifact` or `otabench keys` as the shell would split it. */
async function otabench(line: string, { isJson = false, environment = {}, signal = new AbortController().signal } = {}): Promise<Run> {
  const written = { stdout: '', stderr: '' }
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text
    },
  })
  const out = new Printer(
    { stdout: into('stdout'), stderr: into('stderr') },
    { isJson, isQuiet: false, isVerbose: false, isTerminal: false },
  )
  const noEngine = () => Promise.reject(new Error('these commands need no engine'))
  const context: CliContext = {
    host: nodeHost(),
    out,
    signal,
    cwd,
    environment,
    globals: () => ({ data: join(cwd, 'data') }),
    rendererFolder: '',
    openEngine: noEngine,
  }
  const [name, ...args] = line.split(' ')
  const command = name === 'keys' ? keysCommand(context) : artifactCommand(context)
  return { exitCode: await runCommand(command, args, context), ...written }
}

const file = (name: string): string => join(cwd, name)
const MODULE = 'artifact write module-image -T script -n ubuntu-apt-upgrade-v2 -t azure_vm -f upgrade_os.sh -o ubuntu-apt-upgrade-v2.mender'

async function succeed(line: string, options?: Parameters<typeof otabench>[1]): Promise<Run> {
  const run = await otabench(line, options)
  expect(run).toMatchObject({ exitCode: 0 })
  return run
}

async function contentOf(name: string): Promise<Record<string, unknown>> {
  return metaDataJson.parse(JSON.parse((await succeed(`artifact read ${name}`, { isJson: true })).stdout))
}

describe('artifact write', () => {
  it("takes the line of Mender's documentation word for word", async () => {
    const { stdout } = await succeed(MODULE)
    expect(stdout).toMatch(/^ubuntu-apt-upgrade-v2.mender: ubuntu-apt-upgrade-v2, .* not signed\n$/)
    expect(await contentOf('ubuntu-apt-upgrade-v2.mender')).toMatchObject({
      name: 'ubuntu-apt-upgrade-v2',
      deviceTypes: ['azure_vm'],
      payloadType: 'script',
      compression: 'gzip',
      provides: { 'rootfs-image.script.version': 'ubuntu-apt-upgrade-v2' },
      clearsProvides: ['rootfs-image.script.*'],
      files: [{ name: 'upgrade_os.sh', sizeBytes: 24 }],
      warnings: [],
    })
    expect(readdirSync(cwd)).toEqual(['rootfs.ext4', 'ubuntu-apt-upgrade-v2.mender', 'upgrade_os.sh'])
  })

  it('writes artifact.mender when no name is given, takes joined, long and repeated flags, and 4.4 spelling', async () => {
    mkdirSync(file('scripts'))
    for (const name of ['ArtifactInstall_Enter_00', 'ArtifactCommit_Leave_10_done']) writeFileSync(file(`scripts/${name}`), '#!/bin/sh\n')
    writeFileSync(file('meta.json'), '{"a": {"b": [1]}}')
    await succeed(
      'artifact write module-image --type=script -nrelease-1 -c one -c two -f upgrade_os.sh --file rootfs.ext4 -s scripts -m meta.json -g lab -G lab -G field -N release-0 -d kernel:6 -p a:b:c -p a:d --clears-provides x.* --compression none',
    )
    expect(await contentOf('artifact.mender')).toMatchObject({
      ...{
        deviceTypes: ['one', 'two'],
        group: 'lab',
        dependsGroups: ['lab', 'field'],
        dependsNames: ['release-0'],
        depends: { kernel: '6' },
      },
      provides: { a: 'd', 'rootfs-image.script.version': 'release-1' },
      clearsProvides: ['x.*', 'rootfs-image.script.*'],
      scripts: ['ArtifactCommit_Leave_10_done', 'ArtifactInstall_Enter_00'],
      metaData: { a: { b: [1] } },
      files: [{ name: 'upgrade_os.sh' }, { name: 'rootfs.ext4' }],
    })
  })

  it('gives a root file system its checksum, and lets a later --software flag win over -p', async () => {
    await succeed('artifact write rootfs-image -f rootfs.ext4 -n r -t d -p rootfs-image.version:9 -p rootfs-image.checksum:no -o a.mender')
    expect((await contentOf('a.mender'))['provides']).toMatchObject({
      'rootfs-image.version': '9',
      'rootfs-image.checksum': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    await succeed(
      'artifact write rootfs-image -f rootfs.ext4 -n r -t d -p rootfs-image.version:9 --software-version 3 --no-checksum-provide -o b.mender',
    )
    expect((await contentOf('b.mender'))['provides']).toEqual({ 'rootfs-image.version': '3' })
    await succeed(
      'artifact write rootfs-image -f rootfs.ext4 -n r -t d --software-version 3 -p rootfs-image.version:9 --legacy-rootfs-image-checksum -o c.mender',
    )
    expect((await contentOf('c.mender'))['provides']).toMatchObject({
      'rootfs-image.version': '9',
      rootfs_image_checksum: expect.any(String),
    })
  })

  it('gives the same bytes on every machine with --reproducible', async () => {
    const line = 'artifact write rootfs-image -f rootfs.ext4 -n r -t d --reproducible -o'
    const options = { environment: { SOURCE_DATE_EPOCH: '1700000000' } }
    await succeed(`${line} a.mender`, options)
    utimesSync(file('rootfs.ext4'), 5, 5)
    await succeed(`${line} b.mender`, options)
    expect(readFileSync(file('a.mender')).equals(readFileSync(file('b.mender')))).toBe(true)
    expect(await contentOf('a.mender')).toMatchObject({ files: [{ modifiedAt: 1_700_000_000_000 }] })
  })

  it.each([
    ['artifact write module-image -T script -t d -f upgrade_os.sh', 2, /artifact name is missing[^]*-n NAME/],
    ['artifact write module-image -n r -t d -f upgrade_os.sh', 2, /Name the update module[^]*-T/],
    ['artifact write module-image -T script -n r -f upgrade_os.sh', 2, /device type is missing/],
    ['artifact write module-image -T script -n r -t d -c d', 2, /-t and -c mean the same/],
    ['artifact write module-image -T script -n r -t d -p foo', 2, /"foo" has no colon/],
    ['artifact write module-image -T script -n r -t d -p artifact_name:x', 2, /artifact_name has a flag of its own/],
    ['artifact write module-image -T script -n r -t d -f nothing', 3, /There is no file .*nothing/],
    ['artifact write module-image -T script -n r -t d -f .', 2, /is a folder/],
    ['artifact write module-image -T script -n r -t d -m upgrade_os.sh', 2, /not JSON/],
    ['artifact write module-image -T script -n r -t d -s upgrade_os.sh', 2, /"upgrade_os.sh" is not the name of a state script/],
    ['artifact write module-image -T script -n r -t d --compression foo', 2, /compression "foo" is not supported/],
    ['artifact write module-image -T script -n r -t d -v 2', 2, /Format version 2/],
    ['artifact write module-image -T script -n r -t d -o no/such/folder/x', 3, /There is no folder .*no\/such\/folder/],
    ['artifact write module-image -T script -n r -t d -o .', 2, /is a folder[^]*can be replaced/],
    ['artifact write rootfs-image -f rootfs.ext4 -n r -t d -o ./rootfs.ext4', 2, /place of .*rootfs.ext4, which it is made of/],
    ['artifact write module-image -T script -n r -t d -k upgrade_os.sh', 1, /not a private key/],
    ['artifact write module-image -T script -n r -t d --max-artifact-size huge', 2, /"huge" is not a size/],
    ['artifact write module-image -T script -n r -t d --unknown', 2, /unknown option '--unknown'/],
    ['artifact write rootfs-image -n r -t d', 2, /Choose a file/],
    ['artifact write foo', 2, /unknown command 'foo'/],
    ['artifact write', 2, /A subcommand is missing/],
  ])('%s exits %i and says why', async (line, exitCode, message) => {
    const run = await otabench(line)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(readdirSync(cwd).toSorted()).toEqual(['rootfs.ext4', 'upgrade_os.sh'])
  })

  it('leaves the old artifact and nothing else behind when it fails late or is stopped', async () => {
    await succeed('artifact write rootfs-image -f rootfs.ext4 -n old -t d')
    const before = readFileSync(file('artifact.mender'))
    expect((await otabench('artifact write rootfs-image -f rootfs.ext4 -n new -t d --max-artifact-size 1KB')).exitCode).toBe(2)
    expect((await otabench('artifact write rootfs-image -f rootfs.ext4 -n new -t d', { signal: AbortSignal.abort() })).exitCode).toBe(130)
    expect(readFileSync(file('artifact.mender')).equals(before)).toBe(true)
    expect(readdirSync(cwd).toSorted()).toEqual(['artifact.mender', 'rootfs.ext4', 'upgrade_os.sh'])
  })
})

describe('artifact read and validate', () => {
  it('tell people the same as mender-artifact does', async () => {
    await succeed(MODULE)
    const { stdout } = await succeed('artifact read ubuntu-apt-upgrade-v2.mender')
    for (const line of [
      '  Name: ubuntu-apt-upgrade-v2',
      '  Signature: no signature',
      '  Compatible types: [azure_vm]',
      '        name: upgrade_os.sh',
    ])
      expect(stdout).toContain(`${line}\n`)
  })

  it('exit 4 for a damaged artifact and 3 for an absent one', async () => {
    await succeed(MODULE)
    truncateSync(file('ubuntu-apt-upgrade-v2.mender'), 3000)
    expect(await otabench('artifact validate ubuntu-apt-upgrade-v2.mender')).toMatchObject({ exitCode: 4, stdout: '' })
    expect((await otabench('artifact validate nothing.mender')).exitCode).toBe(3)
  })
})

describe('artifact sign', () => {
  it('signs in place, keeps the mode, follows links, and every reader agrees', async () => {
    await succeed('keys generate -a p256 -o my.pem')
    await succeed('keys generate -o other.pem')
    expect(statSync(file('my.pem')).mode & 0o777).toBe(0o600)
    await succeed(`${MODULE} --compression none`)
    chmodSync(file('ubuntu-apt-upgrade-v2.mender'), 0o640)
    symlinkSync('ubuntu-apt-upgrade-v2.mender', file('link.mender'))
    await succeed('artifact sign link.mender -k my.pem')
    expect(statSync(file('ubuntu-apt-upgrade-v2.mender')).mode & 0o777).toBe(0o640)
    expect((await succeed('artifact validate ubuntu-apt-upgrade-v2.mender -k my.pem.pub')).stdout).toContain('signed with my.pem.pub')
    expect(await otabench('artifact validate -k other.pem.pub link.mender')).toMatchObject({ exitCode: 4, stdout: '' })
    expect(await otabench('artifact read link.mender -k other.pem.pub')).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('verification using provided key failed'),
    })
    execFileSync('mender-artifact', ['validate', '-k', 'my.pem.pub', 'link.mender'], { cwd, stdio: 'pipe' })
  })

  it('signs the same as writing with the key does, but for the mode of one entry', async () => {
    await succeed('keys generate -a rsa-3072 -o my.pem')
    const fixed = { environment: { SOURCE_DATE_EPOCH: '1700000000' } }
    await succeed(`${MODULE} --reproducible -k my.pem`, fixed)
    await succeed(
      'artifact write module-image -T script -n ubuntu-apt-upgrade-v2 -t azure_vm -f upgrade_os.sh -o later.mender --reproducible',
      fixed,
    )
    await succeed('artifact sign later.mender -k my.pem -o signed.mender')
    const [direct, later] = [readFileSync(file('ubuntu-apt-upgrade-v2.mender')), readFileSync(file('signed.mender'))]
    expect([...direct].filter((byte, at) => byte !== later[at])).toHaveLength(direct.length === later.length ? 4 : -1)
  })

  it('refuses a second signature without -f, and to sign what is damaged', async () => {
    await succeed('keys generate -o my.pem')
    await succeed(`${MODULE} -k my.pem`)
    expect((await otabench('artifact sign ubuntu-apt-upgrade-v2.mender -k my.pem')).stderr).toMatch(/already signed[^]*-f/)
    await succeed('artifact sign ubuntu-apt-upgrade-v2.mender -k my.pem -f')
    truncateSync(file('ubuntu-apt-upgrade-v2.mender'), 5000)
    expect((await otabench('artifact sign ubuntu-apt-upgrade-v2.mender -k my.pem -f')).exitCode).toBe(4)
    expect((await otabench('artifact sign ubuntu-apt-upgrade-v2.mender')).exitCode).toBe(2)
  })
})

describe('keys generate -o', () => {
  it('never overwrites a key', async () => {
    await succeed('keys generate -o my.pem')
    expect((await otabench('keys generate -o my.pem')).stderr).toMatch(/my.pem exists already/)
  })
})
