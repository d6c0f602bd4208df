import { expect, test } from 'vitest'
import { draftOf, missing } from './provision-draft.ts'

test('a form begins with what was clicked, and says what is missing', () => {
  const ssh = draftOf({ road: 'ssh', place: '10.0.0.7' })
  expect(ssh).toMatchObject({ road: 'ssh', login: { host: '10.0.0.7' }, serial: { path: '' }, image: '' })
  expect([missing(ssh, ''), missing(ssh, '/r.yaml')]).toEqual(['Choose a recipe', null])
  const serial = draftOf({ road: 'serial', place: '' })
  expect(missing(serial, '/r.yaml')).toBe('Name the port and the user')
  expect(missing({ ...serial, serial: { ...serial.serial, path: '/dev/ttyUSB0' } }, '/r.yaml')).toBe(null)
  expect(missing({ ...ssh, login: { ...ssh.login, jump: 'gate' } }, '/r.yaml')).toBe('Name the host and the user')
  expect(missing(draftOf({ road: 'image', place: '' }), '/r.yaml')).toBe('Choose an image')
})
