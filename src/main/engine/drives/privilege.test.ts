import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopDevice } from './loop.cases.ts'

/** The user nobody of every Linux system. */
const NOBODY = 65_534
const CLI = resolve(import.meta.dirname, '../../cli.ts')

let folder: string
let image: string
const content = randomBytes(3 << 20)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-privilege-'))
  image = join(folder, 'card.img')
  await writeFile(image, content)
  await mkdir(join(folder, 'data'))
  // The folder of all tests is root's alone.
  for (const path of [tmpdir(), folder]) await chmod(path, 0o755)
  await chown(join(folder, 'data'), NOBODY, NOBODY)
})
afterAll(() => rm(folder, { recursive: true }))

/** `otabench flash` to a device, as the user nobody; `sudoers` is what sudo reads for it. */
function flashAsNobody(device: string, sudoers: string) {
  const line = [process.execPath, CLI, 'flash', image, '--to', device, '--yes', '--data', join(folder, 'data')]
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...line]
  const script = 'mount --bind "$0" /etc/sudoers && exec "$@"'
  return spawnSync('unshare', ['--mount', 'sh', '-c', script, sudoers, ...asNobody], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: join(folder, 'data') },
  })
}

async function sudoersFile(rule: string): Promise<string> {
  const path = join(folder, `sudoers-${randomBytes(4).toString('hex')}`)
  await writeFile(path, `root ALL=(ALL:ALL) ALL\n${rule}\n`)
  await chmod(path, 0o440)
  return path
}

const written = async (file: string) => (await readFile(file)).subarray(0, content.length).equals(content)

describe('an image that a user without rights writes to a drive', () => {
  it('is refused with what can be done, and the drive is left as it was', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o600)
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile(''))
    expect([status, stderr]).toEqual([3, expect.stringMatching(/PERMISSION: .*You may not write/)])
    expect(stderr).toContain(`otabench drives rule ${device.path}`)
    expect((await readFile(device.file)).every((byte) => byte === 0)).toBe(true)
  })

  it('is written when the drive was given to that user, as the rule for a reader does', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o666)
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile(''))
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })

  it('is written through sudo, which starts the writer alone as root', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o600)
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile('nobody ALL=(root) NOPASSWD: ALL'))
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })
})
