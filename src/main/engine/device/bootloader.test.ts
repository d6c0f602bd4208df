import { assert, boolean, constantFrom, nat, property, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BootEnvironment } from '../../contract/devices.ts'
import {
  FACTORY_ENVIRONMENT,
  commitTrial,
  decideBoot,
  formatEnvironment,
  parseEnvironment,
  prepareTrial,
  rollBackTo,
} from './bootloader.ts'

const TRIAL = prepareTrial(FACTORY_ENVIRONMENT, 'B')

describe('the bootloader', () => {
  it('boots the committed slot and counts nothing', () => {
    expect(decideBoot(FACTORY_ENVIRONMENT)).toEqual({ slot: 'A', environment: FACTORY_ENVIRONMENT, hasFallenBack: false })
  })

  it('gives a new slot one boot', () => {
    const first = decideBoot(TRIAL)
    expect(first).toMatchObject({ slot: 'B', environment: { bootCount: 1, isUpgradeAvailable: true }, hasFallenBack: false })
    expect(decideBoot(first.environment)).toEqual({
      slot: 'A',
      environment: { bootCount: 0, bootLimit: 1, isUpgradeAvailable: false, bootSlot: 'A' },
      hasFallenBack: true,
    })
  })

  it('stays on a committed slot', () => {
    const committed = commitTrial(decideBoot(TRIAL).environment)
    expect(decideBoot(committed)).toMatchObject({ slot: 'B', hasFallenBack: false })
  })

  it('boots the old slot after a rollback', () => {
    expect(decideBoot(rollBackTo(decideBoot(TRIAL).environment, 'A'))).toMatchObject({ slot: 'A', hasFallenBack: false })
  })

  const environments = record<BootEnvironment>({
    bootCount: nat(5),
    bootLimit: nat(3),
    isUpgradeAvailable: boolean(),
    bootSlot: constantFrom('A', 'B'),
  })

  it('ends every trial that is not committed after as many boots as the limit allows', () => {
    assert(
      property(environments, (start) => {
        let environment = start
        for (let boots = 0; environment.isUpgradeAvailable; boots++) {
          expect(boots).toBeLessThanOrEqual(environment.bootLimit + 1)
          environment = decideBoot(environment).environment
        }
        expect(decideBoot(environment).environment).toEqual(environment)
      }),
    )
  })

  it('reads the environment that it wrote, with the variable names of the U-Boot integration', () => {
    expect(formatEnvironment(TRIAL)).toBe('bootcount=0\nbootlimit=1\nupgrade_available=1\nmender_boot_part=3\n')
    assert(
      property(environments, (environment) => {
        expect(parseEnvironment(formatEnvironment(environment))).toEqual(environment)
      }),
    )
  })

  it('takes factory values for what is missing or odd', () => {
    assert(
      property(string(), (text) => {
        expect(parseEnvironment(text)).toMatchObject({ bootSlot: expect.stringMatching(/^[AB]$/) })
      }),
    )
    expect(parseEnvironment('bootcount=x\nbootlimit=')).toEqual(FACTORY_ENVIRONMENT)
  })
})
