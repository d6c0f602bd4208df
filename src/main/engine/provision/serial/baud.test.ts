import { describe, expect, it } from 'vitest'
import { BAUD_RATES } from '../../../contract/serial.ts'
import { findBaudRate, readability } from './baud.ts'
import { SimulatedLine } from './simulated-line.cases.ts'

const { signal } = new AbortController()
const prompt = (typed: string): string => (typed.includes('\r') ? '\r\nboard login: ' : '')

describe('the rate of a console', () => {
  it.each([115_200, 9600, 1_500_000])('is found: %i', async (rate) => {
    const line = new SimulatedLine(rate, prompt)
    expect(await findBaudRate(line, signal)).toBe(rate)
    expect(line.baudRate).toBe(rate)
  })

  it('is found of a board that takes long to answer, which is then heard as noise at another rate', async () => {
    const line = new SimulatedLine(57_600, prompt, 900)
    expect(await findBaudRate(line, signal, [115_200, 57_600, 9600])).toBe(57_600)
    expect(line.baudRate).toBe(57_600)
  })

  it('is not made up from noise or silence, and looking can be stopped', async () => {
    await expect(findBaudRate(new SimulatedLine(31_250, () => 'tick tock'), signal, BAUD_RATES.slice(0, 3))).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      message: 'Only noise is heard on /dev/ttyVIRTUAL',
    })
    const silent = new SimulatedLine(9600, () => '')
    await expect(findBaudRate(silent, signal, BAUD_RATES.slice(0, 2))).rejects.toMatchObject({
      message: 'Nothing is heard on /dev/ttyVIRTUAL',
    })
    await expect(findBaudRate(silent, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    silent.unplug()
    await expect(findBaudRate(silent, signal)).rejects.toMatchObject({ message: '/dev/ttyVIRTUAL went away' })
  })

  it('is judged by how much reads as text', () => {
    expect(readability('Debian GNU/Linux 12\r\n')).toBe(1)
    expect(readability('')).toBe(0)
    expect(readability('\u00FF\u0080\u00FEa')).toBe(0.25)
  })
})
