import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { KEPT_PACKAGES, realParts, someJob } from './boards.cases.ts'
import { buildRootfs } from './build.ts'

let folder: string
let output: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-packages-'))
  output = mkdtempSync(join(tmpdir(), 'otabench-rootfs-'))
})
afterEach(() => [folder, output].forEach((each) => rmSync(each, { recursive: true })))

const wish = { artifactName: 'system-1', kind: 'good' } as const
const build = (host: Pick<Host, 'files' | 'programs'>, cacheFolder: string, job = someJob()) =>
  buildRootfs(job, realParts(host), wish, { cacheFolder, path: join(output, 'rootfs.ext4') })

/** This machine in a network namespace of its own: nothing can be reached from it. */
function offline(): Pick<Host, 'files' | 'programs'> {
  const { files, programs } = nodeHost()
  const run: typeof programs.run = (name, words, options) => programs.run('unshare', ['-r', '-n', name, ...words], options)
  return { files, programs: { ...programs, run } }
}

/** This machine without apt. */
function withoutApt(): Pick<Host, 'files' | 'programs'> {
  const { files, programs } = nodeHost()
  return { files, programs: { ...programs, find: async (name) => (name === 'apt-get' ? null : programs.find(name)) } }
}

/** A copy of what was fetched once. */
async function filled(): Promise<string> {
  await build(nodeHost(), KEPT_PACKAGES)
  for (const name of readdirSync(KEPT_PACKAGES).filter((each) => /\.(deb|json)$/.test(each)))
    copyFileSync(join(KEPT_PACKAGES, name), join(folder, name))
  return folder
}

describe('the packages of a virtual board', () => {
  it('are not to be had without a network, and the machine is named that has to be reached', async () => {
    await expect(build(offline(), folder)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/^The packages of virtual boards cannot be fetched: .*resolv/),
      hint: 'Connect this machine to its package sources once: what was fetched is kept.',
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('need neither network nor apt once they were fetched', async () => {
    const cache = await filled()
    await build(offline(), cache)
    await build(withoutApt(), cache)
    expect(readdirSync(output)).toEqual(['rootfs.ext4'])
  })

  it('are found damaged before anything is made of them', async () => {
    const cache = await filled()
    const damaged = join(cache, readdirSync(cache).find((name) => name.startsWith('mender-client_')) ?? '')
    const bytes = readFileSync(damaged)
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000)
    writeFileSync(damaged, bytes)
    await expect(build(nodeHost(), cache)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      message: expect.stringContaining(`${damaged} is damaged`),
    })
    expect(readdirSync(cache).filter((name) => name.startsWith('rootfs'))).toEqual([])
  })

  it('need apt', async () => {
    await expect(build(withoutApt(), folder)).rejects.toMatchObject({ code: 'TOOL_MISSING', hint: expect.stringContaining('Debian 12') })
  })

  it('can be given up while they are fetched, and nothing is left', async () => {
    const abort = new AbortController()
    const job = { ...someJob({ signal: abort.signal }), progress: () => abort.abort() }
    await expect(build(nodeHost(), folder, job)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(readdirSync(folder)).toEqual([])
  })
})
