import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runArtifactLine } from './run-line.cases.ts'

describe('artifact delta', () => {
  let cwd = ''
  const old = Buffer.alloc(600_000, 'what the device runs ')
  old.fill(1, 100_000, 300_000)
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'otabench-delta-'))
    writeFileSync(join(cwd, 'old.ext4'), old)
    writeFileSync(join(cwd, 'new.ext4'), Buffer.concat([old, Buffer.from('and more')]))
  })
  afterEach(() => rmSync(cwd, { recursive: true }))
  const otabench = (line: string, isJson = false) => runArtifactLine(`artifact ${line}`, { cwd, isJson })

  async function artifacts(): Promise<void> {
    for (const name of ['old', 'new'])
      await otabench(`write rootfs-image -f ${name}.ext4 -n ${name} -t board -o ${name}.mender --compression none`)
  }

  it('says what it saves, and mender-artifact reads what it wrote', async () => {
    await artifacts()
    const run = await otabench('delta old.mender new.mender -o delta.mender')
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('100 % of the old image read') })
    expect(run.stdout).toMatch(
      /^delta\.mender: new, full artifact 60\d kB, delta [\d.]+ kB \(\d\.\d %\)\nfor devices with the image [0-9a-f]{64}\n$/,
    )
    const read = execFileSync('mender-artifact', ['read', join(cwd, 'delta.mender')], { encoding: 'utf8' })
    expect(read).toContain('rootfs.delta')
    expect(readdirSync(cwd).toSorted()).toEqual(['delta.mender', 'new.ext4', 'new.mender', 'old.ext4', 'old.mender'])
  })

  it('is the same from artifacts and from their images, reproducibly, and installs only on its base', async () => {
    await artifacts()
    await otabench('delta old.mender new.mender -o a.mender --reproducible')
    await otabench('delta old.ext4 new.ext4 -n new -t board -o b.mender --reproducible')
    expect(readFileSync(join(cwd, 'a.mender')).equals(readFileSync(join(cwd, 'b.mender')))).toBe(true)
    const { baseSha256 }: { baseSha256: string } = JSON.parse((await otabench('delta old.ext4 new.mender -o c.mender', true)).stdout)
    const ask = (sum: string) => otabench(`will-install c.mender --provides device_type=board --provides rootfs-image.checksum=${sum}`)
    expect(await ask(baseSha256)).toMatchObject({ exitCode: 0 })
    expect(await ask('0'.repeat(64))).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('depends on rootfs-image.checksum') })
  })

  it('refuses what no delta can be made of, and leaves nothing behind', async () => {
    await artifacts()
    await otabench('write script -f old.ext4 -n script -t board -o script.mender')
    for (const [line, message] of [
      ['delta old.mender old.ext4 -n x -t board -o out.mender', 'old.mender and old.ext4 hold the same image'],
      ['delta old.mender script.mender -o out.mender', 'script.mender is an artifact of type script'],
      ['delta old.mender new.mender -t other -o out.mender', 'old.mender is for board, the delta for other'],
      ['delta old.mender new.ext4 -o out.mender', 'new.ext4 is an image without a name'],
      ['delta old.mender new.mender', "required option '-o, --output-path <file>' not specified"],
    ] as const) {
      expect(await otabench(line)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
    }
    writeFileSync(join(cwd, 'cut.mender'), readFileSync(join(cwd, 'new.mender')).subarray(0, 300_000))
    expect(await otabench('delta old.mender cut.mender -o out.mender')).toMatchObject({ exitCode: 4 })
    expect(await otabench('delta absent.mender new.mender -o out.mender')).toMatchObject({ exitCode: 3 })
    const onto = await otabench('delta old.mender new.mender -o ./old.mender')
    expect(onto).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('which it is made of') })
    expect(readdirSync(cwd).filter((name) => name.startsWith('out') || name.startsWith('.'))).toEqual([])
  })

  it('stops on Ctrl+C without leaving anything', async () => {
    await artifacts()
    const run = await runArtifactLine('artifact delta old.mender new.mender -o out.mender', { cwd, signal: AbortSignal.abort() })
    expect(run.exitCode).toBe(130)
    expect(readdirSync(cwd).filter((name) => name.startsWith('out') || name.startsWith('.'))).toEqual([])
  })
})
