import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { MKE2FS_ENV } from '../image/test-images.cases.ts'

let bench: TestEngine
const at = (name: string) => join(bench.folder, name)

async function added(...args: string[]): Promise<string> {
  execFileSync('mender-artifact', ['write', ...args, '-n', `r-${args.length}`, '-t', 'board', '-o', at('a.mender')], { stdio: 'ignore' })
  const { id, jobId } = await bench.client.artifacts.add({ path: at('a.mender'), description: '' })
  await until(bench.client.jobs.list(), (jobs) => jobs.some((job) => job.id === jobId && job.state === 'done'))
  return id
}

beforeAll(async () => {
  bench = await openTestEngine()
  mkdirSync(at('tree/etc'), { recursive: true })
  writeFileSync(at('tree/etc/hostname'), 'board\n')
  writeFileSync(at('tree/etc/long'), 'x'.repeat(300_000))
  writeFileSync(at('tree/etc/noise'), Buffer.from([0xff, 0, 1]))
  symlinkSync('hostname', at('tree/etc/link'))
  execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', at('tree'), at('rootfs.ext4'), '16M'], { env: MKE2FS_ENV })
})
afterAll(() => bench[Symbol.asyncDispose]())

describe("the files in an artifact's payload", () => {
  it('are listed folder by folder and read as text', async () => {
    const id = await added('rootfs-image', '-f', at('rootfs.ext4'))
    const { files, fileText } = bench.client.artifacts
    expect((await files({ id, path: '/' })).map(({ name, kind, mode }) => [name, kind, mode])).toEqual([
      ['etc', 'folder', '0755'],
      ['lost+found', 'folder', '0700'],
    ])
    expect(await files({ id, path: '/etc' })).toMatchObject([
      { path: '/etc/hostname', kind: 'file', sizeBytes: 6, uid: 0, gid: 0, linkTarget: null },
      { path: '/etc/link', kind: 'link', linkTarget: 'hostname' },
      { path: '/etc/long' },
      { path: '/etc/noise' },
    ])
    expect(await fileText({ id, path: '/etc/link' })).toEqual({ text: 'board\n' })
    expect(await fileText({ id, path: '/etc/noise' })).toEqual({ text: null })
    expect((await fileText({ id, path: '/etc/long' })).text).toMatch(/x\n… 37856 bytes more$/)
    const refused = (path: string) => fileText({ id, path }).catch(toAppError)
    expect(await refused('/etc')).toMatchObject({ code: 'BAD_INPUT' })
    expect(await refused('/nothing')).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refused('relative')).toMatchObject({ code: 'BAD_INPUT' })
    await bench.client.artifacts.remove({ id })
    expect(await files({ id, path: '/' }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await readdir(at('data/artifacts/tmp'))).toEqual([])
  })

  it('are none where the payload is no file system, which is said', async () => {
    const id = await added('module-image', '-T', 'script', '-f', at('tree/etc/hostname'))
    const refused = await bench.client.artifacts.files({ id, path: '/' }).catch(toAppError)
    expect(refused).toMatchObject({ code: 'BAD_INPUT', message: 'The payload hostname holds neither ext2, ext3, ext4 nor FAT' })
  })
})
