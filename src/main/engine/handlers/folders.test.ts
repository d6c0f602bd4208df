import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineClient } from '../../cli/context.ts'
import { now } from '../../cli/live.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

describe('the folders of the machine', () => {
  let bench: TestEngine
  let folder = ''
  let client: EngineClient
  beforeEach(async () => {
    bench = await openTestEngine()
    ;({ folder, client } = bench)
    await mkdir(join(folder, 'images', 'old'), { recursive: true })
    await writeFile(join(folder, 'images', 'card.img'), 'image')
    await mkdir(join(folder, 'images', '.cache'))
    await symlink('/nowhere', join(folder, 'images', 'broken'))
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  it('are shown with folders first and what is hidden last, and without what leads nowhere', async () => {
    const path = join(folder, 'images')
    expect(await client.folders.list({ path })).toMatchObject({
      ...{ path, parent: folder, more: 0 },
      entries: [
        { name: 'old', path: join(path, 'old'), kind: 'folder' },
        { name: 'card.img', path: join(path, 'card.img'), kind: 'file', sizeBytes: 5 },
        { name: '.cache', kind: 'folder' },
      ],
    })
    expect(await client.folders.list({ path: `${path}/../images/` })).toMatchObject({ path })
    expect(await client.folders.list({ path: '/' })).toMatchObject({ path: '/', parent: null })
    expect(await client.folders.list({ path: null })).toMatchObject({ path: process.env['HOME'] })
  })

  it('refuse what is none', async () => {
    await expect(client.folders.list({ path: join(folder, 'none') })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(client.folders.list({ path: join(folder, 'images', 'card.img') })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('take a text file, in the place of one that is there', async () => {
    const path = join(folder, 'images', 'board.yaml')
    await client.folders.writeText({ path, text: 'a: 1' })
    expect((await stat(path)).mode & 0o777).toBe(0o644)
    await chmod(path, 0o600)
    await client.folders.writeText({ path, text: 'a: 2\n' })
    expect(await readFile(path, 'utf8')).toBe('a: 2\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const noted = await now(client.audit.list({}))
    expect(noted.map(({ action, detail }) => [action, JSON.parse(detail)])).toEqual([
      ['folders.writeText', { path, text: '…' }],
      ['folders.writeText', { path, text: '…' }],
    ])
  })

  it('are not for who asks from afar', async () => {
    const afar: EngineClient = createRouterClient(bench.engine.router, { context: { isRemote: true } })
    await expect(afar.folders.list({ path: '/' })).rejects.toMatchObject({ code: 'PERMISSION' })
    await expect(afar.folders.writeText({ path: join(folder, 'x'), text: '' })).rejects.toMatchObject({ code: 'PERMISSION' })
  })
})
