import { describe, expect, it } from 'vitest'
import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import { admit, driveCalled, ejectable } from './admit.ts'
import { sampleDrive } from './machines.cases.ts'

const large: Drive = {
  ...sampleDrive('pci-1'),
  name: 'Samsung PSSD T7',
  verdict: { kind: 'needs-name', reasons: [{ rule: 'large', text: 'It is larger than cards usually are.', remedy: '' }] },
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof AppError) return `${thrown.code}: ${thrown.message}`
  }
  return 'none'
}

describe('a drive whose name has to be typed', () => {
  const typed = (typedName: string | null, drive = large) => refusal(() => admit([drive], { identity: drive.identity, typedName }))

  it('is written after its name, and after nothing else', () => {
    expect(typed('Samsung PSSD T7')).toBe('none')
    expect(typed(null)).toBe('BAD_INPUT: Samsung PSSD T7 is written only after its name was typed. It is larger than cards usually are.')
    for (const wrong of ['', 'samsung pssd t7', 'Samsung PSSD T7 ', 'Samsung PSSD T7 (sdc)', '/dev/sdb'])
      expect(typed(wrong)).toMatch(/^BAD_INPUT: ".*" is not the name of the drive, which is Samsung PSSD T7\./)
  })

  it('keeps its name when another one of the same name comes or goes', () => {
    const twin = { ...large, name: 'Samsung PSSD T7 (sdb)' }
    expect([typed('Samsung PSSD T7 (sdb)'), typed('Samsung PSSD T7', twin), typed('Samsung PSSD T7 (sdb)', twin)]).toEqual([
      'none',
      'none',
      'none',
    ])
    expect(typed('Samsung PSSD T7 (sdc)', twin)).toMatch(/^BAD_INPUT/)
  })
})

it('a drive is called by its path or its name, which is its own or none', () => {
  const twin = { ...large, identity: { ...large.identity, path: '/dev/sdx' } }
  expect(driveCalled([large, twin], '/dev/sdx')).toBe(twin)
  expect(driveCalled([large], 'Samsung PSSD T7')).toBe(large)
  expect(driveCalled([large], 'Samsung')).toBeNull()
  expect(refusal(() => driveCalled([large, twin], 'Samsung PSSD T7'))).toBe('BAD_INPUT: Several drives are called "Samsung PSSD T7"')
})

it('a drive that is ejected is the same one, and none that the system needs; a card that is write-protected may be let out', () => {
  const refused = (rule: Drive['verdict']['reasons'][number]['rule']): Drive => ({
    ...sampleDrive('pci-1'),
    verdict: { kind: 'refused', reasons: [{ rule, text: 'Because.', remedy: '' }] },
  })
  const { identity } = large
  expect(refusal(() => ejectable([refused('system-disk')], identity))).toBe('DRIVE_BUSY: Generic SD/MMC cannot be let out. Because.')
  expect(refusal(() => ejectable([refused('read-only')], identity))).toBe('none')
  expect(refusal(() => ejectable([], identity))).toMatch(/^DRIVE_REMOVED/)
})
