import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MODULE = join(import.meta.dirname, '../../../../../resources/update-modules/otabench-delta')

describe('the update module', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-module-'))
    for (const name of ['bin', 'tools', 'tree/tmp', 'conf']) mkdirSync(join(folder, name), { recursive: true })
    for (const tool of ['sed', 'cat', 'tail', 'sync', 'rm', 'grep', 'mv', 'cut', 'stat', 'readlink'])
      symlinkSync('/bin/busybox', join(folder, 'tools', tool))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** A boot environment in a file, behind tools that want this between name and value. */
  function addTools(separator: '=' | ' '): void {
    const file = join(folder, 'env')
    const other = separator === '=' ? "'^[^= ]* '" : "'^[^ ]*='"
    const set = `#!/bin/sh\ncat > ${file}.in; grep -q ${other} ${file}.in && exit 1
while IFS='${separator}' read -r name value; do sed -i "/^$name=/d" ${file}; echo "$name=$value" >> ${file}; done < ${file}.in`
    writeFileSync(file, 'mender_boot_part=3\nupgrade_available=1\n')
    writeFileSync(join(folder, 'bin/fw_setenv'), `${set}\n`)
    writeFileSync(join(folder, 'bin/fw_printenv'), `#!/bin/sh\ngrep "^$1=" ${file}\n`)
    for (const name of ['fw_setenv', 'fw_printenv']) chmodSync(join(folder, 'bin', name), 0o755)
  }

  function call(shell: readonly string[], state: string): { status: number | null; stdout: string; stderr: string } {
    const [name = '', ...first] = shell
    const env = {
      PATH: `${folder}/bin:${folder}/tools:/usr/bin:/bin`,
      MENDER_CONF_DIR: join(folder, 'conf'),
      MENDER_DATASTORE_DIR: '/nowhere',
    }
    return spawnSync(name, [...first, MODULE, state, join(folder, 'tree')], { env, encoding: 'utf8' })
  }

  it('passes shellcheck', () => {
    expect(execFileSync('shellcheck', [MODULE], { encoding: 'utf8' })).toBe('')
  })

  for (const shell of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
    it(`answers what the client asks, in ${shell.join(' ')}`, () => {
      expect(call(shell, 'NeedsArtifactReboot')).toMatchObject({ status: 0, stdout: 'Automatic\n' })
      expect(call(shell, 'SupportsRollback')).toMatchObject({ status: 0, stdout: 'Yes\n' })
      for (const state of ['SomethingNew', 'ArtifactFailure', 'Cleanup', 'ArtifactRollback'])
        expect(call(shell, state)).toMatchObject({ status: 0, stdout: '' })
    })

    it.each(['=', ' '] as const)(
      `goes back to the slot before, where names and values are parted by "%s", in ${shell.join(' ')}`,
      (separator) => {
        addTools(separator)
        writeFileSync(join(folder, 'tree/tmp/previous'), '12\n')
        expect(call(shell, 'ArtifactRollback')).toMatchObject({ status: 0 })
        const lines = execFileSync('sort', [join(folder, 'env')], { encoding: 'utf8' })
        expect(lines).toBe('mender_boot_part=12\nmender_boot_part_hex=C\nupgrade_available=0\n')
      },
    )
  }

  it('says what a device lacks: slots, or ones that it can write', () => {
    addTools('=')
    expect(call(['dash'], 'ArtifactInstall')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('mender.conf has no RootfsPartA'),
    })
    for (const [part, message] of [
      ['ubi0_0', 'UBI volumes'],
      ['/dev/null', '/dev/null, which is no block device'],
    ] as const) {
      writeFileSync(join(folder, 'conf/mender.conf'), JSON.stringify({ rootfspartA: part, RootfsPartB: part }))
      expect(call(['dash'], 'ArtifactInstall')).toMatchObject({ status: 1, stderr: expect.stringContaining(message) })
    }
  })
})
