import { expect, test } from 'vitest'
import { ratesText } from './deployment-figures.ts'

const rates = { startAt: 0, stepMs: 1000, totalBytes: 5_000_000, averageRate: 1_000_000, peakRate: 2_000_000, rates: [1, 2] }
const device = (id: string) => ({ ...rates, deviceId: id, deviceName: id })

test('a table of rates says how many devices are not in it, unless one was named', () => {
  const devices = [device('slow'), device('slower')]
  expect(ratesText({ total: rates, devices, deviceCount: 1202 })).toContain('1,200 more are not shown')
  expect(ratesText({ total: rates, devices, deviceCount: 2 })).not.toContain('not shown')
  expect(ratesText({ total: rates, devices: [device('slow')], deviceCount: 1202 })).not.toContain('not shown')
})
