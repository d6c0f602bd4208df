import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../command.cases.ts'
import { complaints, cutOut, inBoot, mounted } from './image-compose.cases.ts'
import { makeCard, tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')

describe('otabench image seed', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  const text = (number: number, path: string) => mounted(file('card.img'), number, (at) => readFileSync(join(at, path), 'utf8'))

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-seed-'))
    makeCard(folder, 'gpt')
    tool('openssl', 'genrsa', '-out', file('device.pem'), '2048')
    tool('openssl', 'req', '-x509', '-key', file('device.pem'), '-subj', '/CN=bench', '-out', file('ca.pem'), '-days', '1')
    writeFileSync(file('mender.conf'), '{"ServerURL": "https://old", "UpdatePollIntervalSeconds": 5}')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives a card that others made its identity, key, configuration and files, and leaves its file systems sound', async () => {
    copyFileSync(file('card.gpt'), file('card.img'))
    const first = await run('seed', 'card.img', '--mender-conf', 'mender.conf', '--device-type', 'board', '--artifact-name', 'r-7')
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('warning') })
    writeFileSync(file('seed.yaml'), 'deviceKey: device.pem\nfiles: [{to: /uboot/cmdline.txt, text: console}]\n')
    const options = ['--server-url', 'https://bench', '--ca', 'ca.pem', '--storage', '/dev/mmcblk0p', '--file', 'ca.pem:/etc/ssl/ca.pem']
    const { json, stderr } = await run('--json', 'seed', 'card.img', '--seed', 'seed.yaml', ...options)
    expect({ json, stderr }).toMatchObject({
      json: [{ files: expect.arrayContaining([{ partition: 3, path: '/etc/ssl/ca.pem' }]) }],
      stderr: '',
    })
    expect(cutOut(file('card.img')).map(complaints)).toEqual(['', '', '', ''])
    expect(text(4, 'mender/device_type')).toBe('device_type=board\n')
    expect(JSON.parse(text(4, 'mender/mender.conf'))).toEqual({
      ...{ ServerURL: 'https://bench', UpdatePollIntervalSeconds: 5, ServerCertificate: '/data/mender/server.crt' },
      ...{ RootfsPartA: '/dev/mmcblk0p2', RootfsPartB: '/dev/mmcblk0p3' },
    })
    const facts = mounted(file('card.img'), 4, (at) =>
      tool('stat', '-c', '%a %u:%g', join(at, 'mender/mender-agent.pem'), join(at, 'mender/mender.conf')),
    )
    expect(facts).toBe('600 0:0\n600 0:0\n')
    for (const slot of [2, 3])
      expect(text(slot, 'etc/mender/artifact_info') + text(slot, 'etc/ssl/ca.pem')).toMatch(/^artifact_name=r-7\n-----BEGIN/)
    expect(inBoot(file('card.img'), '/cmdline.txt')).toBe('console')
  })

  it("takes the cards of Mender's own tests", async () => {
    if (!existsSync(FIXTURES)) return console.log(`Not seeded mender-artifact's own images: there is no ${FIXTURES}`)
    for (const name of ['mender_test.sdimg', 'mender_test_fat.sdimg']) {
      copyFileSync(join(FIXTURES, name), file('card.img'))
      expect(await run('seed', 'card.img', '--device-type', 'board', '--artifact-name', 'r-8')).toMatchObject({ exitCode: 0 })
      expect(tool('mender-artifact', 'cat', `${file('card.img')}:/etc/mender/artifact_info`)).toBe('artifact_name=r-8\n')
      expect(cutOut(file('card.img')).slice(1).map(complaints)).toEqual(['', '', ''])
    }
  })

  it('leaves the card as it was when anything is wrong', async () => {
    copyFileSync(file('card.gpt'), file('card.img'))
    const before = readFileSync(file('card.img'))
    writeFileSync(file('huge'), Buffer.alloc(40 << 20, 1))
    for (const [options, message] of [
      [['--device-key', 'ca.pem'], 'holds no private key'],
      [['--device-type', 'board', '--file', 'huge:/data/huge'], '/data/huge'.slice(5)],
      [['--device-type', 'a b'], 'deviceType: a word'],
      [['--file', 'absent:/data/x'], 'There is no file'],
      [['--file', 'ca.pem'], 'where it goes is not said'],
      [['--seed', 'mender.conf'], 'Unrecognized keys: "ServerURL", "UpdatePollIntervalSeconds"'],
      [[], 'The seed says nothing'],
    ] as const) {
      const { exitCode, stderr } = await run('seed', 'card.img', ...options)
      expect(stderr).toContain(message)
      expect(exitCode).toBeGreaterThan(1)
      expect(readFileSync(file('card.img')).equals(before)).toBe(true)
    }
    expect((await run('seed', 'device.pem', '--device-type', 'x')).stderr).toContain('has 0 partitions')
    expect((await run('seed', 'none.img', '--device-type', 'x')).stderr).toContain('There is no image')
    expect(() => statSync(file('none.img'))).toThrow('ENOENT')
    const stopped = await runLine(['seed', 'card.img', '--device-type', 'x'], {
      command: imageCommand,
      cwd: folder,
      signal: AbortSignal.abort(),
    })
    expect(stopped.exitCode).toBe(130)
    expect(readFileSync(file('card.img')).equals(before)).toBe(true)
  })
})
