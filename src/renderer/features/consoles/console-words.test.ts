import { expect, test } from 'vitest'
import { lineText, portText, shortPlace } from './console-words.ts'

test('a console is called by the end of its path, and its line as people write it', () => {
  expect([shortPlace('/dev/ttyUSB0'), shortPlace('pi@10.0.0.7')]).toEqual(['ttyUSB0', 'pi@10.0.0.7'])
  expect(lineText({ baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 2, flow: 'none' })).toBe('9600 7E2')
})

test('a port says its adapter, and who has it open', () => {
  const usb = { vendorId: '0403', productId: '6001', manufacturer: 'FTDI', product: 'FT232R', serialNumber: 'A5', place: '1-2' }
  expect(portText({ path: '/dev/ttyUSB0', driver: 'ftdi_sio', usb, heldBy: ['minicom (77)'] })).toBe(
    'FTDI FT232R · A5 · USB 1-2 · open in minicom (77)',
  )
  expect(portText({ path: '/dev/ttyS0', driver: 'serial8250', usb: null, heldBy: [] })).toBe('built in')
})
