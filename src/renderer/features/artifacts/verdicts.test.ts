import { expect, it } from 'vitest'
import { verdictsOf } from './verdicts.ts'

it('says what is the same of several devices once, and refusals first', () => {
  const device = (deviceName: string, willInstall: boolean, why: string) => ({ deviceId: deviceName, deviceName, willInstall, why })
  const devices = [device('one', true, 'It fits.'), device('two', false, 'Another type.'), device('three', true, 'It fits.')]
  expect(verdictsOf(devices)).toEqual([
    { willInstall: false, why: 'Another type.', deviceNames: ['two'] },
    { willInstall: true, why: 'It fits.', deviceNames: ['one', 'three'] },
  ])
})
