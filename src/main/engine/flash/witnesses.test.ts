import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'
import { nodeHost } from '../host.node.ts'
import { sumsBeside } from './witnesses.ts'

describe('the sum that lies beside an image', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const shell = (line: string) => execFileSync('bash', ['-euc', line], { cwd: folder, encoding: 'utf8' })
  const found = () => sumsBeside(nodeHost().files, file('card.img'))

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-sums-'))
    writeFileSync(file('card.img'), 'an image')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each([
    'sha256sum card.img > card.img.sha256',
    'sha256sum --binary card.img > card.img.sha256',
    'sha256sum --tag card.img > card.img.sha256',
    'openssl dgst -sha256 card.img > card.img.sha256',
    'sha256sum card.img | cut -c -64 > card.img.sha256sum',
    '(echo other; sha256sum /etc/passwd ./card.img) > SHA256SUMS',
  ])('is found as "%s" makes it', async (line) => {
    shell(line)
    expect(await found()).toMatchObject([{ kind: 'sha256', sum: shell('sha256sum card.img').slice(0, 64) }])
  })

  it.each(['new\nline.img', 'back\\slash\\n.img', 'return\r.img'])('is found where the name %j is escaped', async (name) => {
    writeFileSync(file(name), 'an image')
    for (const flag of ['--text', '--tag']) {
      execFileSync('bash', ['-euc', 'sha256sum "$1" "$0" > SHA256SUMS', name, flag], { cwd: folder })
      expect(await sumsBeside(nodeHost().files, file(name))).toMatchObject([{ sum: shell('sha256sum card.img').slice(0, 64) }])
    }
  })

  it.each([
    ['nothing', ''],
    ['what was cut short', '9cf04384'],
    ['that of another image', `${'0'.repeat(64)}  another.img\n`],
  ])('is missed where the own file of the image says %s', async (_, said) => {
    writeFileSync(file('card.img.sha256'), said)
    expect(await found().catch(toAppError)).toMatchObject({
      code: 'VERIFY_FAILED',
      message: `${file('card.img.sha256')} says no SHA-256 of card.img`,
    })
  })

  it.each([
    'sha512sum card.img > card.img.sha512',
    'openssl dgst -sha512 card.img > card.img.sha512',
    'sha512sum card.img | cut -c -128 > card.img.sha512sum',
    'sha512sum --tag card.img > SHA512SUMS',
    '(echo other; sha512sum /etc/passwd ./card.img) > sha512sums.txt',
  ])('is a SHA-512 as "%s" makes it', async (line) => {
    shell(line)
    const path = file(line.split(' > ')[1] ?? '')
    expect(await found()).toEqual([{ kind: 'sha512', path, sum: shell('sha512sum card.img').slice(0, 128) }])
  })

  it('is one of each kind', async () => {
    shell('sha256sum card.img > SHA256SUMS; sha512sum card.img > card.img.sha512')
    expect((await found()).map(({ kind }) => kind)).toEqual(['sha256', 'sha512'])
  })

  it('is missed where the own file of a SHA-512 says another sum', async () => {
    shell('sha256sum card.img > card.img.sha512')
    expect(await found().catch(toAppError)).toMatchObject({ message: `${file('card.img.sha512')} says no SHA-512 of card.img` })
  })

  it('is not missed in a list of others', async () => {
    writeFileSync(file('SHA256SUMS'), `${'0'.repeat(64)}  another.img\n`)
    writeFileSync(file('SHA512SUMS'), `${'0'.repeat(128)}  another.img\n`)
    expect(await found()).toEqual([])
  })
})
