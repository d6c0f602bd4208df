import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { contract } from '../../contract/index.ts'
import { newArtifact } from '../../contract/new-artifact.ts'
import { generateKeyPair } from '../artifact/keys.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('the keys of the bench', () => {
  it('never show a private half: no answer of an operation has a field for it, and none holds one', async () => {
    const { client } = bench
    const generated = await client.keys.generate({ name: 'made', algorithm: 'p256' })
    const imported = await client.keys.import({ name: 'brought', pem: (await generateKeyPair('p256')).privateKeyPem })
    const renamed = await client.keys.rename({ id: imported.id, name: 'renamed' })
    const answers = [generated, imported, renamed, await now(client.keys.list()), await now(client.keys.protection())]
    expect(JSON.stringify(answers)).not.toContain('PRIVATE')
    expect(Object.keys(contract.keys)).toEqual(['list', 'protection', 'generate', 'import', 'rename', 'remove'])
    expect(Object.keys(generated).toSorted()).toEqual([
      'algorithm',
      'createdAt',
      'fingerprint',
      'hasPrivateKey',
      'id',
      'name',
      'publicKeyPem',
    ])
  })

  it('are noted in the audit log without what is secret: no PEM, no passphrase', async () => {
    const { client } = bench
    const pem = execFileSync(
      'openssl',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-aes256', '-pass', 'pass:s3cret'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    await client.keys.import({ name: 'noted', pem, passphrase: 's3cret' })
    await client.keys.import({ name: 'refused', pem, passphrase: 'gu3ss' }).catch(() => undefined)
    const noted = JSON.stringify(await now(client.audit.list({ limit: 500 })))
    expect(noted).toContain('noted')
    expect(noted).toContain('refused')
    for (const secret of ['PRIVATE', 's3cret', 'gu3ss', pem.split('\n')[1] ?? 'none']) expect(noted).not.toContain(secret)
  })

  it('say of every artifact here who signed it, as keys come, change their name and go', async () => {
    const { client, folder } = bench
    const pair = await generateKeyPair('p256')
    const key = await client.keys.import({ name: 'signer', pem: pair.privateKeyPem })
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
    const draft = {
      kind: 'script',
      paths: [join(folder, 'run.sh')],
      name: 'signed-1',
      deviceTypes: ['x'],
      compression: 'none',
      keyId: key.id,
    }
    const { id, jobId } = await client.artifacts.write(newArtifact.parse(draft))
    await until(client.jobs.list(), (jobs) => jobs.some((job) => job.id === jobId && job.state === 'done'))
    const signedBy = async () => (await now(client.artifacts.show({ id }))).signature
    expect(await signedBy()).toEqual({ present: true, verifiedBy: 'signer' })
    await client.keys.rename({ id: key.id, name: 'other-name' })
    expect(await signedBy()).toEqual({ present: true, verifiedBy: 'other-name' })
    await client.keys.remove({ id: key.id })
    expect(await signedBy()).toEqual({ present: true, verifiedBy: null })
    await client.keys.import({ name: 'public-half', pem: pair.publicKeyPem })
    expect(await signedBy()).toEqual({ present: true, verifiedBy: 'public-half' })
  })
})
