import { beforeEach, describe, expect, it } from 'vitest'
import { Workshop } from './commands/artifact-sign.cases.ts'
import { OTABENCH, onTerminal } from './terminal.cases.ts'

const shop = new Workshop('passphrase')
const SIGN = 'sign a.mender -f -k locked.pem'

beforeEach(async () => {
  shop.tool('openssl', 'pkcs8', '-topk8', '-in', 'rsa.pem', '-out', 'locked.pem', '-v2', 'aes-256-cbc', '-passout', 'pass:the secret')
  shop.put('right', 'the secret\nanother line\n')
  shop.put('wrong', 'the secre')
  await shop.succeed('write module-image -T script -n release-1 -t board -f update.sh -o a.mender')
})

/** Types `keys` at the prompt. */
const typed = (keys: string) => onTerminal(`${OTABENCH} artifact ${SIGN}`, shop.folder, [{ at: 'Passphrase', keys }])

describe('the passphrase of an encrypted key', () => {
  it('is typed on the terminal, where keys for erasing work and nothing is shown', async () => {
    const { exitCode, shown } = await typed('nonsense\u0015the sex\u007fcret\r')
    expect(shown).toMatch(/^Passphrase of locked.pem: \r?\n/)
    expect(shown).not.toMatch(/the se|nonsense/)
    expect(exitCode).toBe(0)
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
  })

  it('ends the command when it is wrong, or when Ctrl+C is typed', async () => {
    const before = shop.bytes('a.mender')
    expect(await typed('guess\r')).toMatchObject({
      exitCode: 1,
      shown: expect.stringMatching(/error KEY_MISSING: The passphrase does not open/),
    })
    expect(await typed('the sec\u0003')).toMatchObject({ exitCode: 130, shown: expect.stringMatching(/error CANCELLED/) })
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
  })

  it('is the first line of a file', async () => {
    await shop.succeed(`${SIGN} --passphrase-file right`)
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
    for (const line of [
      'modify a.mender -n release-2 -k locked.pem',
      'write module-image -T script -n r -t d -f update.sh -o b.mender -k locked.pem',
    ]) {
      await shop.succeed(`${line} --passphrase-file right`)
    }
    expect([shop.isValid('a.mender', 'rsa.pub'), shop.isValid('b.mender', 'rsa.pub')]).toEqual([true, true])
  })

  it('comes from an open file descriptor', () => {
    const line = `${OTABENCH} artifact ${SIGN} --passphrase-fd 7 7<right`
    shop.tool('sh', '-c', line)
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
  })

  it.each([
    ['--passphrase-file wrong', 1, /KEY_MISSING: The passphrase does not open/],
    ['--passphrase-file nothing', 3, /Cannot open/],
    ['--passphrase-fd x', 2, /"x" is not a file descriptor/],
    ['--passphrase-fd 987', 2, /Nothing can be read from file descriptor 987/],
    ['--passphrase-fd 3 --passphrase-file right', 2, /mean the same/],
  ])('%s exits %i and says why', async (flags, exitCode, message) => {
    const run = await shop.run(`${SIGN} ${flags}`)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
  })

  it('is asked of nobody where there is no terminal', () => {
    const line = `setsid -w ${OTABENCH} artifact ${SIGN} 2>&1 </dev/null; true`
    expect(shop.tool('sh', '-c', line)).toMatch(/error KEY_MISSING: .*no terminal to ask on[^]*--passphrase-file/)
  })
})
