import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { keysCommand } from './keys.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const keys = (...args: string[]) => runLine(args, { command: keysCommand, client: bench.client, cwd: bench.folder })

describe('otabench keys', () => {
  it('imports an encrypted key with the passphrase of a file, and renames it', async () => {
    const openssl = ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-aes256', '-pass', 'pass:s3cret']
    execFileSync('openssl', [...openssl, '-out', join(bench.folder, 'ci.pem')], { stdio: 'ignore' })
    await writeFile(join(bench.folder, 'right'), 's3cret\n')
    await writeFile(join(bench.folder, 'wrong'), 'guess\n')
    expect((await keys('import', 'ci', 'ci.pem', '--passphrase-file', 'wrong')).stderr).toMatch(/^error KEY_MISSING: The passphrase/)
    const imported = await keys('import', 'ci', 'ci.pem', '--passphrase-file', 'right')
    expect(imported.stdout).toMatch(/^ci: rsa-3072, SHA-256 [0-9a-f]{64}\n$/)
    expect((await keys('rename', 'ci', 'release')).stdout).toMatch(/^release: rsa-3072/)
    expect((await keys('list')).stdout).toMatch(/^release +rsa-3072 +yes/m)
    const publicPem = execFileSync('openssl', ['pkey', '-in', join(bench.folder, 'ci.pem'), '-passin', 'pass:s3cret', '-pubout'], {
      encoding: 'utf8',
    })
    expect((await keys('show', 'release')).stdout).toBe(publicPem)
  })

  it('renames no key that is not there, and to no name that is taken', async () => {
    await keys('generate', 'one')
    expect(await keys('rename', 'none', 'x')).toMatchObject({ exitCode: 3 })
    expect((await keys('rename', 'one', 'release')).stderr).toMatch(/^error CONFLICT/)
  })
})
