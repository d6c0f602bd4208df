import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findGrubEnvironment } from './find-grub-environment.ts'
import { openFileSystem } from './open-file-system.ts'
import { over } from './test-images.cases.ts'

describe("GRUB's environment on a boot partition", () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  /** A block as grub-editenv makes it, put on the partition by mtools. */
  const put = (path: string, ...variables: string[]): void => {
    execFileSync('grub-editenv', [file('env'), 'create'])
    execFileSync('grub-editenv', [file('env'), 'set', ...variables])
    execFileSync('mcopy', ['-o', '-i', file('boot'), file('env'), `::${path}`])
  }
  const makeFolder = (path: string): void => void execFileSync('mmd', ['-i', file('boot'), `::${path}`])
  const found = async () => {
    const files = await openFileSystem(over(readFileSync(file('boot'))))
    return files && findGrubEnvironment(files)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-grub-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    rmSync(file('boot'), { force: true })
    execFileSync('/usr/sbin/mkfs.vfat', ['-C', file('boot'), '4096'], { stdio: 'ignore' })
  })

  it('is absent where nothing is, and where a block has no variable of Mender', async () => {
    expect(await found()).toBeNull()
    put('/grubenv', 'saved_entry=0')
    expect(await found()).toBeNull()
  })

  it('reads what grub-editenv writes, with its backslashes', async () => {
    put('/grubenv', 'mender_boot_part=2', 'upgrade_available=0', String.raw`odd=a\b # c=d`, 'empty=')
    expect(await found()).toEqual({
      path: '/grubenv',
      variables: { mender_boot_part: '2', upgrade_available: '0', odd: String.raw`a\b # c=d`, empty: '' },
    })
  })

  it('takes the second of two copies while the lock of the first says that it is being written', async () => {
    for (const path of ['/grub-mender-grubenv', '/grub-mender-grubenv/mender_grubenv1', '/grub-mender-grubenv/mender_grubenv2'])
      makeFolder(path)
    for (const copy of [1, 2]) {
      put(`/grub-mender-grubenv/mender_grubenv${copy}/env`, `mender_boot_part=${copy + 1}`)
      put(`/grub-mender-grubenv/mender_grubenv${copy}/lock`, 'editing=0')
    }
    expect(await found()).toMatchObject({ variables: { mender_boot_part: '2' } })
    put('/grub-mender-grubenv/mender_grubenv1/lock', 'editing=1')
    expect(await found()).toMatchObject({
      path: '/grub-mender-grubenv/mender_grubenv2/env',
      variables: { mender_boot_part: '3' },
    })
  })

  it('believes no file that is not a block', async () => {
    writeFileSync(file('env'), 'mender_boot_part=2\n')
    execFileSync('mcopy', ['-i', file('boot'), file('env'), '::/grubenv'])
    expect(await found()).toBeNull()
  })
})
