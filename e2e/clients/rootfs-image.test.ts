import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BenchProcess } from './bench-process.ts'
import { deploy, outcome } from './one-board.ts'
import { SlotBoard, makeImage, makeTree } from './slot-board.ts'

const IS_ROOT = process.getuid?.() === 0
if (!IS_ROOT) console.log('Only root attaches loop devices: no root file system was installed by the real client')

/** Each leaves its name on the data partition. */
const SCRIPTS = ['ArtifactInstall_Enter_00', 'ArtifactInstall_Leave_10_note', 'ArtifactReboot_Enter_01', 'ArtifactCommit_Enter_05']

/** One board goes from test to test, as boards do. */
describe.runIf(IS_ROOT)('a root file system, signed and with state scripts, on a board with the real Mender client', () => {
  const resources = new AsyncDisposableStack()
  const place: { folder: string; bench: BenchProcess | null; board: SlotBoard | null } = { folder: '', bench: null, board: null }
  const at = (name: string) => join(place.folder, name)
  const key = () => at('signing.key')

  beforeAll(async () => {
    place.folder = mkdtempSync(join(tmpdir(), 'otabench-rootfs-client-'))
    resources.defer(() => rmSync(place.folder, { recursive: true }))
    for (const name of ['v0', 'v1', 'v2']) {
      makeTree(at(name), { 'etc/mender/artifact_info': `artifact_name=${name}` })
      makeImage(at(name), at(`${name}.ext4`))
    }
    mkdirSync(at('scripts'))
    for (const name of SCRIPTS) writeFileSync(at(`scripts/${name}`), `#!/bin/sh\necho ${name} >> /var/lib/mender/trace\n`, { mode: 0o755 })
    const bench = resources.use(await BenchProcess.start('all'))
    await bench.cli('keys', 'generate', '-o', key(), '--algorithm', 'p256')
    const options = { serverUrl: bench.http, deviceType: 'board', verificationKeyFile: `${key()}.pub` }
    const board = resources.use(await SlotBoard.make(at('v0.ext4'), options))
    Object.assign(place, { bench, board })
    board.powerOn()
  })
  afterAll(() => resources.disposeAsync())

  function parted(): { bench: BenchProcess; board: SlotBoard } {
    const { bench, board } = place
    if (!bench || !board) throw new Error('the board was not set up')
    return { bench, board }
  }

  /** Writes an artifact of an image and puts it into the library. */
  async function upload(name: string, ...words: string[]): Promise<void> {
    const { bench } = parted()
    const artifact = ['-n', name, '-t', 'board', '-o', at(`${name}.mender`), ...words]
    await bench.cli('artifact', 'write', 'rootfs-image', ...artifact)
    await bench.cli('artifacts', 'upload', at(`${name}.mender`))
  }

  it.each([
    ['v1', 'gzip'],
    ['v2', 'lzma'],
  ])(
    '%s in %s is written to the other slot, runs after the reboot, and is committed; each script ran in its turn',
    async (name, compression) => {
      const { bench, board } = parted()
      const [before, traced] = [board.next, board.data('trace').length]
      await upload(name, '-f', at(`${name}.ext4`), '--compression', compression, '-s', at('scripts'), '-k', key())
      const deployment = await deploy(bench, name)
      expect(await board.untilReboot()).toMatchObject({ upgrade_available: '1' })
      expect(board.next).toBe(board.other(before))
      board.powerOn()
      expect(await outcome(bench, deployment)).toEqual({ status: 'success', log: '' })
      expect(board.data('trace').slice(traced).trim().split('\n')).toEqual(SCRIPTS)
      expect(board.environment()).toMatchObject({ upgrade_available: '0' })
      await board.powerOff()
      const image = execFileSync('sha256sum', [at(`${name}.ext4`)], { encoding: 'utf8' }).slice(0, 64)
      expect(board.sha256(board.next)).toBe(image)
      board.powerOn()
    },
  )

  it('is refused when nobody has signed it, and nothing changes', async () => {
    const { bench, board } = parted()
    const [slot, traced] = [board.next, board.data('trace')]
    await upload('unsigned', '-f', at('v1.ext4'), '-s', at('scripts'))
    const { status, log } = await outcome(bench, await deploy(bench, 'unsigned'))
    expect(status).toBe('failure')
    expect(log).toMatch(/signature/i)
    expect([board.next, board.data('trace')]).toEqual([slot, traced])
  })
})
