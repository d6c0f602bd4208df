import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('dump')
const MODULE =
  'write module-image -T script -n release-1 -t board -t other -f update.sh -f rootfs.ext4 -m meta.json -s ArtifactInstall_Enter_00 -N old -g lab -G lab -p a:b -d k:v -o a.mender'
const ALL = '--files files --meta-data meta --scripts scripts'

describe('artifact dump', () => {
  it('writes what mender-artifact writes, and prints the same line', async () => {
    await shop.succeed(MODULE)
    const ours = await shop.succeed(`dump a.mender ${ALL} --print-cmdline`)
    const dumped = ['files/update.sh', 'files/rootfs.ext4', 'meta/0000.meta-data', 'scripts/ArtifactInstall_Enter_00']
    const contents = dumped.map((name) => shop.bytes(name))
    expect(statSync(shop.path('scripts/ArtifactInstall_Enter_00')).mode & 0o111).not.toBe(0)
    shop.tool('rm', '-r', 'files', 'meta', 'scripts')
    const theirs = shop.tool('mender-artifact', 'dump', ...`${ALL} --print-cmdline a.mender`.split(' '))
    expect(dumped.map((name) => shop.bytes(name))).toEqual(contents)
    // mender-artifact prints provides in any order, and quotes nothing for the shell.
    const sorted = (line: string) => line.replaceAll("'", '').trim().split(' --').toSorted()
    expect(sorted(ours.stdout)).toEqual(sorted(theirs))
  })

  it.each([
    [MODULE, 'module'],
    ['write rootfs-image -f rootfs.ext4 -n release-1 -t board -o a.mender', 'rootfs-image'],
    ['write bootstrap-artifact -n release-1 -t board -p a:b -o a.mender', 'bootstrap'],
  ])('prints a line that makes the same artifact again: %s', async (line) => {
    await shop.succeed(line)
    const { stdout } = await shop.succeed(`dump a.mender ${ALL}`, { isJson: true })
    const answer: { commandLine: string[] } = JSON.parse(stdout)
    await shop.succeed([...answer.commandLine, '-o', 'again.mender'].join(' '))
    const [before, after] = [await shop.content('a.mender'), await shop.content('again.mender')]
    expect({ ...after, files: [] }).toEqual({ ...before, files: [] })
    const sums = ({ files }: Record<string, unknown>) => JSON.stringify(files).match(/[0-9a-f]{64}/g)
    expect(sums(after)).toEqual(sums(before))
  })

  it('gives the zeros of an image no room on the disk', async () => {
    shop.tool('truncate', '-s', '32M', 'empty.img')
    await shop.succeed('write rootfs-image -f empty.img -n release-1 -t board -o empty.mender')
    await shop.succeed('dump empty.mender --files holes --allow-expansion')
    const { size, blocks } = statSync(shop.path('holes/empty.img'))
    expect([size, blocks]).toEqual([32 << 20, 0])
  })

  it('separates arguments by zero bytes, and quotes them for the shell', async () => {
    await shop.succeed("write module-image -T script -n release-1 -t board -f update.sh -o a.mender -p a:it's")
    const cli = fileURLToPath(import.meta.resolve('../../cli.ts'))
    const raw = execFileSync(process.execPath, [cli, 'artifact', 'dump', 'a.mender', '--print0-cmdline'], {
      cwd: shop.folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    const words = raw.split('\0')
    expect([words[0], words[1], words.at(-1)]).toEqual(['write', 'module-image', ''])
    expect(words).toContain("a:it's")
    const { stdout } = await shop.succeed('dump a.mender --print-cmdline')
    expect(shop.tool('sh', '-c', `printf '%s\\0' ${stdout}`)).toBe(raw)
  })

  it('overwrites nothing, and takes back what it wrote when it fails', async () => {
    await shop.succeed(MODULE)
    shop.tool('mkdir', 'files')
    shop.put('files/rootfs.ext4', 'mine')
    const run = await shop.run(`dump a.mender ${ALL}`)
    expect(run.stderr).toMatch(/error CONFLICT: .*rootfs.ext4/)
    expect(readdirSync(shop.path('files'))).toEqual(['rootfs.ext4'])
    expect(shop.bytes('files/rootfs.ext4').toString()).toBe('mine')
    expect(readdirSync(shop.path('scripts'))).toEqual([])
  })

  it('with a key writes nothing of an artifact that the key has not signed', async () => {
    await shop.succeed(`${MODULE} -k ec.pem`)
    expect((await shop.run(`dump a.mender ${ALL} -k rsa.pub`)).exitCode).toBe(4)
    expect([existsSync(shop.path('files')), existsSync(shop.path('scripts'))]).toEqual([false, false])
    await shop.succeed(`dump a.mender ${ALL} -k rsa.pub -k ec.pub`)
  })

  it.each([
    ['dump a.mender', 2, /Nothing to dump/],
    ['dump a.mender --print-cmdline --print0-cmdline', 2, /cannot be used with option/],
    ['dump update.sh --files files', 4, /ends at byte/],
    ['dump nothing --files files', 3, /Cannot open/],
  ])('%s exits %i and says why', async (line, exitCode, message) => {
    const run = await shop.run(line)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
  })
})
