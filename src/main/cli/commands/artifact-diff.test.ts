import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MKE2FS_ENV, change } from '../../engine/image/test-images.cases.ts'
import { type Run, runArtifactLine } from './run-line.cases.ts'

const cwd = mkdtempSync(join(tmpdir(), 'otabench-diff-cli-'))
const file = (name: string): string => join(cwd, name)
const otabench = (line: string, options: { isJson?: boolean; signal?: AbortSignal } = {}): Promise<Run> =>
  runArtifactLine(line, { cwd, ...options })

async function succeed(line: string): Promise<Run> {
  const run = await otabench(line)
  expect(run).toMatchObject({ exitCode: 0 })
  return run
}

/** Every time the same, so that only what a test changes differs. */
function settle(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    execFileSync('touch', ['-h', '-d', '@1700000000', join(folder, name)])
  }
  utimesSync(folder, 1_700_000_000, 1_700_000_000)
}

function image(name: string, ...options: string[]): void {
  settle(file('tree'))
  execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', ...options, '-d', file('tree'), file(name), '16M'], {
    env: MKE2FS_ENV,
    stdio: 'ignore',
  })
}

describe('artifact diff', () => {
  beforeAll(async () => {
    mkdirSync(file('tree/etc'), { recursive: true })
    mkdirSync(file('tree/bin'))
    mkdirSync(file('tree/gone'))
    writeFileSync(file('tree/etc/version'), 'release-1\n')
    writeFileSync(file('tree/etc/same'), 'same')
    writeFileSync(file('tree/etc/touched'), 'touched')
    writeFileSync(file('tree/bin/tool'), 'tool')
    writeFileSync(file('tree/bin/switch'), 'a file')
    writeFileSync(file('tree/gone/deep'), 'deep')
    symlinkSync('tool', file('tree/bin/link'))
    image('v1.ext4')
    writeFileSync(file('tree/etc/version'), 'release-2 with more\n')
    writeFileSync(file('tree/etc/new'), 'new')
    chmodSync(file('tree/bin/tool'), 0o4755)
    rmSync(file('tree/gone'), { recursive: true })
    unlinkSync(file('tree/bin/link'))
    symlinkSync('switch', file('tree/bin/link'))
    unlinkSync(file('tree/bin/switch'))
    mkdirSync(file('tree/bin/switch'))
    image('v2.ext4', '-b', '1024')
    change(file('v2.ext4'), 'sif /etc/touched mtime 1700000001')
    writeFileSync(file('ArtifactInstall_Enter_00'), '#!/bin/sh\necho one\necho two\n')
    await succeed('artifact write rootfs-image -f v1.ext4 -n release-1 -t d -s ArtifactInstall_Enter_00 -d kernel:5 -d old:1 -o a.mender')
    writeFileSync(file('ArtifactInstall_Enter_00'), '#!/bin/sh\necho one\necho three\n')
    writeFileSync(file('ArtifactCommit_Leave_00'), '#!/bin/sh\n')
    const others = '-s ArtifactInstall_Enter_00 -s ArtifactCommit_Leave_00 -d kernel:6 -p colour:blue'
    await succeed(`artifact write rootfs-image -f v2.ext4 -n release-2 -t d -t e ${others} --compression none -o b.mender`)
    await succeed('artifact write module-image -T script -f ArtifactCommit_Leave_00 -n m -t d -o m.mender')
  })
  afterAll(() => rmSync(cwd, { recursive: true }))

  it('shows header, provides, depends, scripts line by line, and every file of the image that differs', async () => {
    const { stdout } = await succeed('artifact diff a.mender b.mender')
    for (const line of [
      '  ~ name: release-1 -> release-2',
      '  ~ deviceTypes: ["d"] -> ["d","e"]',
      '  ~ compression: gzip -> none',
      '  + colour: blue',
      '  ~ rootfs-image.version: release-1 -> release-2',
      '  ~ kernel: 5 -> 6',
      '  - old: 1',
      '  + ArtifactCommit_Leave_00',
      '  ~ ArtifactInstall_Enter_00',
      '      -echo two',
      '      +echo three',
      '      + /etc/new  file 0644 0:0 3 B',
      '      - /gone  folder 0755 0:0',
      '      - /gone/deep  file 0644 0:0 4 B',
      '      ~ /etc/version  10 B -> 20 B, content',
      '      ~ /bin/tool  mode 0644 -> 4755',
      '      ~ /bin/link  target tool -> switch',
      '      ~ /bin/switch  kind file -> folder, mode 0644 -> 0755',
    ])
      expect(stdout.split('\n')).toContain(line)
    expect(stdout).toMatch(/~ v1.ext4 -> v2.ext4: 16.8 MB sha256 /)
    expect(stdout).toMatch(/^ {6}1 more differ in nothing but their time of change$/m)
    expect(stdout).not.toContain('/etc/same')
  })

  it('shows with --text how the small text files inside the images differ', async () => {
    const { stdout } = await succeed('artifact diff a.mender b.mender --text')
    expect(stdout).toMatch(/~ \/etc\/version .*\n +@@ -1 \+1 @@\n +-release-1\n +\+release-2 with more\n/)
    expect(stdout).toMatch(/\+ \/etc\/new .*\n +\+new\n/)
    expect(stdout).toMatch(/~ \/bin\/tool {2}mode 0644 -> 4755\n +\S \//)
  })

  it('gives the same as JSON, with sizes, owners, times and checksums', async () => {
    const { stdout, exitCode } = await otabench('artifact diff b.mender a.mender --exit-code', { isJson: true })
    expect(exitCode).toBe(5)
    const parsed: unknown = JSON.parse(stdout)
    expect(parsed).toMatchObject({
      isSame: false,
      scripts: [{ name: 'ArtifactCommit_Leave_00', change: 'removed', lines: ['-#!/bin/sh'] }, { change: 'changed' }],
      payload: [{ change: 'changed', a: { name: 'v2.ext4' }, b: { name: 'v1.ext4' }, contents: { kind: 'ext4' } }],
    })
    expect(stdout).toContain(
      '{"path":"/etc/new","change":"removed","differs":[],"a":{"kind":"file","uid":0,"gid":0,"modifiedAt":1700000000000,"mode":"0644","sizeBytes":3,"linkTarget":null,"device":null,"sha256":"11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"},"b":null}',
    )
  })

  it('says that two are the same, and exits 0 when only their packing differs', async () => {
    expect((await succeed('artifact diff a.mender a.mender --exit-code')).stdout).toBe('a.mender and a.mender have the same content\n')
  })

  it('says why the files of an image cannot be compared, and compares what is no image by its checksum', async () => {
    execFileSync('cp', [file('v2.ext4'), file('v3.ext4')])
    change(file('v3.ext4'), 'feature needs_recovery')
    await succeed('artifact write rootfs-image -f v3.ext4 -n release-3 -t d -o c.mender')
    expect((await succeed('artifact diff b.mender c.mender')).stdout).toMatch(/its files cannot be compared: .*not unmounted cleanly/)
    expect((await succeed('artifact diff a.mender m.mender')).stdout).toMatch(
      /~ v1.ext4 -> ArtifactCommit_Leave_00: 16.8 MB sha256 .* -> 10 B sha256/,
    )
  })

  it('leaves nothing in the temporary folder, also when it fails or is stopped', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('otabench-diff-') && !name.startsWith('otabench-diff-cli-'))
    writeFileSync(file('junk.mender'), 'junk')
    expect(await otabench('artifact diff a.mender junk.mender')).toMatchObject({ exitCode: 4, stdout: '' })
    expect((await otabench('artifact diff a.mender nothing.mender')).exitCode).toBe(3)
    expect((await otabench('artifact diff a.mender b.mender', { signal: AbortSignal.abort() })).exitCode).toBe(130)
    expect(left()).toEqual([])
  })
})
