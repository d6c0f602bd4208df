import { expect, test } from 'vitest'
import { hopsOf } from '../../app/ssh-login.ts'
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

test('both roads to a virtual board are known: its console, and its SSH with the key and the host key that it was made with', () => {
  const made = { name: 'lab', ssh: { port: 2201, keyPath: '/keys/board', hostKey: 'SHA256:x' } }
  const draft = draftOf({ road: 'serial', place: '', board: made })
  expect(draft).toMatchObject({ board: 'lab', serial: { path: 'board:lab', baud: '115200', user: 'root', password: 'board' } })
  expect(hopsOf(draft.login)).toMatchObject([
    { host: '127.0.0.1', port: 2201, user: 'root', keys: [{ path: '/keys/board' }], hasUsualKeys: false, hostKey: 'SHA256:x' },
  ])
  const tried = draftOf({ road: 'ssh', place: '', board: { name: 'own', ssh: { port: 2202, keyPath: null, hostKey: null } } })
  expect([tried.serial.password, hopsOf(tried.login)]).toMatchObject(['', [{ keys: [], hasUsualKeys: true }]])
  expect(missing(draft, '/r.yaml')).toBe(null)
})
