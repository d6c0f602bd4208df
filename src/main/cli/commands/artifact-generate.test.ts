import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { builtPackages } from '../../engine/artifact/packages.cases.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import { artifactCommand } from './artifact.ts'

const root = mkdtempSync(join(tmpdir(), 'otabench-generate-'))
afterAll(() => rmSync(root, { recursive: true }))
const cwd = join(root, 'work')
beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true })
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'app.conf'), 'port = 80\n')
  chmodSync(join(cwd, 'app.conf'), 0o640)
  writeFileSync(join(cwd, 'run.sh'), '#!/bin/sh\nexit 0\n')
})

const write = (...args: string[]): Promise<CommandRun> =>
  runLine(['write', ...args, '-n', 'app-v1', '-t', 'board', '--compression', 'none', '-o', 'ours.mender'], {
    command: artifactCommand,
    cwd,
  })

/** The same written by mender-artifact, from files made by hand. */
function reference(type: string, files: Record<string, string>): void {
  mkdirSync(join(cwd, 'files'))
  const flags = Object.entries(files).flatMap(([name, text]) => {
    writeFileSync(join(cwd, 'files', name), text)
    return ['-f', join(cwd, 'files', name)]
  })
  const args = [
    'write',
    'module-image',
    '-T',
    type,
    '-n',
    'app-v1',
    '-t',
    'board',
    '--compression',
    'none',
    '-o',
    'theirs.mender',
    ...flags,
  ]
  execFileSync('mender-artifact', args, { cwd, stdio: 'pipe' })
}

/** What the manifest lists: every payload file, the header and the version, by checksum. */
function manifestOf(name: string): string {
  return execFileSync('tar', ['-xOf', join(cwd, name), 'manifest'], { encoding: 'utf8' })
}

describe('artifact write single-file', () => {
  it('packs what the stock update module wants, as mender-artifact packs files made by hand', async () => {
    expect(await write('single-file', '--dest-dir', '/etc/my app', '-f', 'app.conf')).toMatchObject({ exitCode: 0 })
    reference('single-file', { dest_dir: '/etc/my app\n', filename: 'app.conf\n', permissions: '640\n', 'app.conf': 'port = 80\n' })
    expect(manifestOf('ours.mender')).toBe(manifestOf('theirs.mender'))
    execFileSync('mender-artifact', ['validate', 'ours.mender'], { cwd, stdio: 'pipe' })
  })

  it.each([
    ['no destination', ['-f', 'app.conf'], 'Name a folder of the device, from /'],
    ['a relative one', ['--dest-dir', 'etc', '-f', 'app.conf'], 'Name a folder of the device, from /'],
    ['no file', ['--dest-dir', '/etc'], 'Choose a file\nhint: Say it with -f.'],
    ['two files', ['--dest-dir', '/etc', '-f', 'app.conf', '-f', 'run.sh'], 'A single-file has one path, not 2'],
  ])('refuses %s and writes nothing', async (_what, args, message) => {
    expect(await write('single-file', ...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
    expect(existsSync(join(cwd, 'ours.mender'))).toBe(false)
  })

  it('refuses a file with a name that the update module uses itself', async () => {
    writeFileSync(join(cwd, 'filename'), '')
    expect(await write('single-file', '--dest-dir', '/etc', '-f', 'filename')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('uses the name "filename" itself'),
    })
  })
})

describe('artifact write script', () => {
  it('packs the scripts as mender-artifact does, and tells what it wrote with --json', async () => {
    const run = await runLine(
      ['--json', 'write', 'script', '-n', 'app-v1', '-t', 'board', '-f', 'run.sh', '--compression', 'none', '-o', 'ours.mender'],
      { command: artifactCommand, cwd },
    )
    expect(run).toMatchObject({ exitCode: 0, json: [{ name: 'app-v1', sizeBytes: readFileSync(join(cwd, 'ours.mender')).length }] })
    reference('script', { 'run.sh': '#!/bin/sh\nexit 0\n' })
    expect(manifestOf('ours.mender')).toBe(manifestOf('theirs.mender'))
  })

  it('refuses to pack none', async () => {
    expect(await write('script')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Choose a file') })
  })
})

const GENERATORS = '/usr/share/doc/mender-client/examples'
const MODULES = '/usr/share/mender/modules/v3'

/** A payload file of an artifact, by the artifact's own tar. */
function payloadOf(artifact: string, name: string): Buffer {
  return execFileSync('sh', ['-c', 'tar -xOf "$1" data/0000.tar | tar -xOf - "$2"', 'sh', join(cwd, artifact), name])
}

const typeInfoOf = (artifact: string): string =>
  execFileSync('sh', ['-c', 'tar -xOf "$1" header.tar | tar -xOf - headers/0000/type-info', 'sh', join(cwd, artifact)], {
    encoding: 'utf8',
  })

describe('artifact write directory', () => {
  beforeEach(() => {
    mkdirSync(join(cwd, 'tree/etc'), { recursive: true })
    writeFileSync(join(cwd, 'tree/etc/app.conf'), 'port = 81\n')
    writeFileSync(join(cwd, 'tree/run'), '#!/bin/sh\n', { mode: 0o750 })
    symlinkSync('etc/app.conf', join(cwd, 'tree/conf'))
  })

  it("packs what Mender's own generator packs, and its update module installs it", async () => {
    expect(await write('directory', '-f', 'tree', '--dest-dir', '/opt/app')).toMatchObject({ exitCode: 0 })
    const flags = ['-n', 'app-v1', '-t', 'board', '-d', '/opt/app', '-o', 'theirs.mender', 'tree', '--', '--compression', 'none']
    execFileSync('bash', [`${GENERATORS}/directory-artifact-gen`, ...flags], { cwd, stdio: 'pipe' })
    expect(typeInfoOf('ours.mender')).toBe(typeInfoOf('theirs.mender'))
    expect(payloadOf('ours.mender', 'dest_dir')).toEqual(payloadOf('theirs.mender', 'dest_dir'))
    const listed = (name: string) =>
      execFileSync('tar', ['-tv', '--full-time'], { input: payloadOf(name, 'update.tar'), encoding: 'utf8' })
        .split('\n')
        .toSorted()
    expect(listed('ours.mender')).toEqual(listed('theirs.mender'))

    const place = join(cwd, 'device/app')
    mkdirSync(join(cwd, 'module/files'), { recursive: true })
    mkdirSync(join(cwd, 'module/tmp'))
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'old'), 'goes away')
    await write('directory', '-f', 'tree', '--dest-dir', place, '--reproducible')
    for (const name of ['update.tar', 'dest_dir']) writeFileSync(join(cwd, 'module/files', name), payloadOf('ours.mender', name))
    execFileSync(`${MODULES}/directory`, ['ArtifactInstall', join(cwd, 'module')])
    execFileSync('diff', ['-r', '--no-dereference', join(cwd, 'tree'), place])
    execFileSync(`${MODULES}/directory`, ['ArtifactRollback', join(cwd, 'module')])
    expect(readFileSync(join(place, 'old'), 'utf8')).toBe('goes away')
  })

  it.each([
    ['/', 'does not install to / itself'],
    ['//', 'does not install to / itself'],
    ['/opt/..', 'without . and ..'],
    ['/opt/my app', 'no spaces or characters of the shell'],
    ['opt', 'from /'],
  ])('refuses to go to %s, which the update module would take for something else', async (place, message) => {
    expect(await write('directory', '-f', 'tree', '--dest-dir', place)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(new RegExp(`${message}[^]*hint: Say it with --dest-dir`)),
    })
  })
})

describe('artifact write deb and rpm', () => {
  it('says which packages go out, and gives a name that clients refuse another', async () => {
    const { deb, rpm } = await builtPackages()
    writeFileSync(join(cwd, 'bench-tool_1.0+b1~rc2_all.deb'), deb)
    writeFileSync(join(cwd, 'bench-tool.rpm'), rpm)
    expect(await write('deb', '-f', 'bench-tool_1.0+b1~rc2_all.deb')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('package bench-tool 2:1.0+b1~rc2 (all)\n'),
    })
    expect(payloadOf('ours.mender', 'bench-tool_1.0_b1_rc2_all.deb').equals(deb)).toBe(true)
    execFileSync('mender-artifact', ['validate', 'ours.mender'], { cwd, stdio: 'pipe' })
    expect(await write('rpm', '-f', 'bench-tool.rpm')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('package bench-tool 1.0-3 (noarch)\n'),
    })
    writeFileSync(join(cwd, 'fake.deb'), 'no package')
    expect(await write('deb', '-f', 'fake.deb')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('fake.deb') })
    expect(await write('deb', '-f', 'app.conf')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('ends with .deb') })
  })
})

describe('artifact write docker', () => {
  it("names the images in the meta-data as Mender's generator does, and warns of one without a digest", async () => {
    const pinned = `lab/app@sha256:${'a'.repeat(64)}`
    const run = await write('docker', '--image', pinned, '--image', 'nginx:1.27', '--run-args=--restart always -p 80:80')
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^nginx:1.27 is not pinned by a digest/m) })
    writeFileSync(join(cwd, 'meta.json'), JSON.stringify({ containers: [pinned, 'nginx:1.27'], run_args: '--restart always -p 80:80' }))
    const flags = ['-T', 'docker', '-n', 'app-v1', '-t', 'board', '-m', 'meta.json', '--compression', 'none', '-o', 'theirs.mender']
    execFileSync('mender-artifact', ['write', 'module-image', ...flags], { cwd, stdio: 'pipe' })
    expect(manifestOf('ours.mender')).toBe(manifestOf('theirs.mender'))
  })
})

describe('artifact write docker-compose', () => {
  it('packs manifests and images as the update module unpacks them, with its meta-data and provides', async () => {
    mkdirSync(join(cwd, 'manifests'))
    mkdirSync(join(cwd, 'images'))
    writeFileSync(join(cwd, 'manifests/compose.yaml'), 'services: {web: {image: nginx}}\n')
    writeFileSync(join(cwd, 'images/nginx.tar'), Buffer.alloc(200_000, 'layer'))
    expect(await write('docker-compose', '-f', 'manifests', '--images-dir', 'images', '--project-name', 'shop')).toMatchObject({
      exitCode: 0,
    })
    execFileSync('mender-artifact', ['validate', 'ours.mender'], { cwd, stdio: 'pipe' })
    expect(JSON.parse(typeInfoOf('ours.mender'))).toEqual({
      type: 'docker-compose',
      artifact_provides: { 'rootfs-image.mender-docker-compose.shop.version': 'app-v1' },
      clears_artifact_provides: ['*mender-docker-compose.*'],
    })
    mkdirSync(join(cwd, 'out'))
    execFileSync('tar', ['-xz', '-C', join(cwd, 'out')], { input: payloadOf('ours.mender', 'images.tar.gz') })
    execFileSync('tar', ['-x', '-C', join(cwd, 'out')], { input: payloadOf('ours.mender', 'manifests.tar') })
    for (const name of ['manifests', 'images']) execFileSync('diff', ['-r', name, join('out', name)], { cwd })
    const read = await runLine(['--json', 'read', 'ours.mender'], { command: artifactCommand, cwd })
    expect(read.json).toMatchObject([{ metaData: { project_name: 'shop', version: '1' } }])
  })
})
