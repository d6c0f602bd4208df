import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, constantFrom, dictionary, property, string, tuple, uint8Array } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { decodeBootScript, encodeBootScript } from './boot-script.ts'
import { encodeGrubEnvironment } from './grub-environment.ts'
import { findUbootEnvironments } from './uboot-environment.ts'
import { encodeUbootEnvironment } from './uboot-variables.ts'
import { over } from './test-images.cases.ts'

let folder: string
const file = (name: string) => join(folder, name)
const VARIABLES = new Map([
  ['mender_boot_part', '2'],
  ['bootcount', '0'],
  ['bootcmd', 'run a; echo "b = c"'],
])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-boot-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('an environment of U-Boot', () => {
  it.each([
    [null, []],
    [1, ['-r']],
  ])('is byte for byte what mkenvimage makes, with flag %s', (flag, options) => {
    writeFileSync(
      file('env.txt'),
      [...VARIABLES]
        .toSorted()
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    execFileSync('mkenvimage', [...options, '-p', '0', '-s', '0x4000', '-o', file('env'), file('env.txt')])
    expect(Buffer.from(encodeUbootEnvironment(VARIABLES, 0x4000, flag)).equals(readFileSync(file('env')))).toBe(true)
  })

  it('is found again whatever is in it, and refused where it does not fit', async () => {
    const name = string({ minLength: 1, maxLength: 20, unit: constantFrom('a', 'b', 'z', '_', '0', '9') })
    const value = string({ maxLength: 60 }).filter((text) => !text.includes('\0') && text.isWellFormed())
    for (const flag of [null, 7]) {
      const found: { kept: unknown; wanted: unknown }[] = []
      for (const wanted of [{ a: '1' }, { empty: '', long: 'x'.repeat(900) }] satisfies Record<string, string>[]) {
        const bytes = encodeUbootEnvironment(new Map<string, string>(Object.entries(wanted)), 2048, flag)
        const [environment] = await findUbootEnvironments(over(bytes), bytes.length)
        found.push({ wanted, kept: environment?.variables ?? {} })
      }
      for (const { kept, wanted } of found) expect(kept).toEqual(wanted)
      assert(
        property(dictionary(name, value, { maxKeys: 5 }), (wanted) => {
          const bytes = encodeUbootEnvironment(new Map(Object.entries(wanted)), 4096, flag)
          const text = Buffer.from(bytes.subarray(flag === null ? 4 : 5)).toString()
          expect(
            text
              .slice(0, text.indexOf('\0\0'))
              .split('\0')
              .filter((line) => line !== '').length,
          ).toBe(Object.keys(wanted).length)
        }),
      )
    }
    expect(() => encodeUbootEnvironment(VARIABLES, 32, null)).toThrow('it has 32')
    expect(() => encodeUbootEnvironment(new Map([['a=b', '']]), 64, null)).toThrow('cannot be a variable')
  })
})

it('a grubenv holds what grub-editenv reads', () => {
  writeFileSync(file('grubenv'), encodeGrubEnvironment(VARIABLES))
  const said = execFileSync('grub-editenv', [file('grubenv'), 'list'], { encoding: 'utf8' })
  expect(said).toBe([...VARIABLES].map(([name, value]) => `${name}=${value}\n`).join(''))
  expect(() => encodeGrubEnvironment(new Map([['x', 'y'.repeat(1024)]]))).toThrow('a grubenv has 1024')
})

describe('a boot script', () => {
  it('is byte for byte what mkimage makes, and is read again', () => {
    const text = 'echo hello\nreset\n'
    writeFileSync(file('cmd'), text)
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' }
    execFileSync('mkimage', ['-A', 'arm', '-T', 'script', '-C', 'none', '-n', 'Mender', '-d', file('cmd'), file('scr')], {
      env,
      stdio: 'ignore',
    })
    const theirs = readFileSync(file('scr'))
    expect(Buffer.from(encodeBootScript(text, { name: 'Mender', madeAt: 1_700_000_000_000 })).equals(theirs)).toBe(true)
    expect(decodeBootScript(theirs, '/boot.scr')).toBe(text)
  })

  it('is refused when it is damaged, cut, or something else', () => {
    const whole = encodeBootScript('echo hello\n', { name: '', madeAt: 0 })
    const refused = (bytes: Uint8Array): unknown => {
      try {
        return decodeBootScript(bytes, '/boot.scr')
      } catch (thrown) {
        return thrown instanceof AppError && thrown.code
      }
    }
    for (let at = 0; at < 32; at++) expect(['echo hello\n', 'ARTIFACT_INVALID']).toContain(refused(whole.with(at, (whole[at] ?? 0) ^ 1)))
    for (let length = 0; length < whole.length; length++) expect(refused(whole.subarray(0, length))).toBe('ARTIFACT_INVALID')
    expect(refused(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed, ...new Uint8Array(100)))).toBe('ARTIFACT_INVALID')
    assert(property(array(tuple(uint8Array()), { maxLength: 4 }), (pieces) => refused(Buffer.concat(pieces.flat())) === 'ARTIFACT_INVALID'))
  })
})
