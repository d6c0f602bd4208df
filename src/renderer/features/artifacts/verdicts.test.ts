import { expect, it } from 'vitest'
import { verdictsOf } from './verdicts.ts'

it('says what is the same of several devices once, and refusals first', () => {
  const device = (deviceName: string, willInstall: boolean, why: string) => ({ deviceId: deviceName, deviceName, willInstall, why })
  const devices = [device('board 10', true, 'It fits.'), device('board 3', false, 'Another type.'), device('board 2', true, 'It fits.')]
  expect(verdictsOf(devices)).toEqual([
    { willInstall: false, why: 'Another type.', deviceNames: ['board 3'] },
    { willInstall: true, why: 'It fits.', deviceNames: ['board 2', 'board 10'] },
  ])
})
