import { describe, expect, it } from 'vitest'
import { fakeHost } from '../host.fake.ts'
import { takeSnapshot } from './snapshot.ts'
import { parseSshTarget, sshArguments, sshFailure } from './ssh.ts'

describe('the address of a device', () => {
  it.each([
    ['ssh://pi@board', { user: 'pi', host: 'board', port: null }],
    ['ssh://board.local:2222', { user: null, host: 'board.local', port: 2222 }],
    ['ssh://root@[fe80::1]:22/', { user: 'root', host: 'fe80::1', port: 22 }],
  ])('is %s', (url, target) => {
    expect(parseSshTarget(url)).toEqual(target)
  })

  it.each([
    'ssh://',
    'ssh://@board',
    'ssh://-oProxyCommand=x',
    'ssh://-l@board',
    'ssh://a b',
    'ssh://board:0',
    'ssh://board:70000',
    'ssh://a@b@c',
    'ssh://board/x',
    'board',
  ])('is not %s', (url) => {
    expect(() => parseSshTarget(url)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
  })
})

describe('the arguments of ssh', () => {
  it('are those of -S, one or two words each, then ours, which cannot be taken for options', () => {
    const words = sshArguments({ user: 'pi', host: 'board', port: 2222 }, ['-i key file', '-o ProxyCommand=ssh -W %h:%p hop', '-4'], 'run')
    expect(words.slice(0, 5)).toEqual(['-i', 'key file', '-o', 'ProxyCommand=ssh -W %h:%p hop', '-4'])
    expect(words.slice(-6)).toEqual(['-o', 'ServerAliveCountMax=1', '-T', '--', 'pi@board', 'run'])
    expect(words).toContain('2222')
    expect(sshArguments({ user: null, host: 'board', port: 2222 }, ['-p 8822'], 'run')).not.toContain('2222')
  })
})

const target = parseSshTarget('ssh://pi@board')

describe('why a session ended', () => {
  it.each([
    ['ssh: connect to host board port 22: No route to host', 255, 0, 'DEVICE_UNREACHABLE', /cannot be reached: .*No route/],
    ['', 255, 0, 'DEVICE_UNREACHABLE', /cannot be reached$/],
    ['client_loop: send disconnect: Broken pipe', 255, 5, 'DEVICE_UNREACHABLE', /lost after 5 bytes: client_loop/],
    ['pi@board: Permission denied (publickey).', 255, 0, 'LOGIN_REFUSED', /refuses/],
    ['Permission denied (by the disk)', 1, 5, 'INTERRUPTED', /ended with 1: Permission denied/],
    ['sudo: a password is required', 1, 0, 'PERMISSION', /may not become root/],
    ['otabench: no sudo', 126, 0, 'PERMISSION', /has no sudo/],
  ])('%s, exit code %i after %i bytes: %s', (...[stderr, exitCode, receivedBytes, code, message]) => {
    expect(sshFailure(target, { exitCode, stderr, receivedBytes })).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('a snapshot', () => {
  const options = async (host: ReturnType<typeof fakeHost>) => ({
    ...{ host, file: await host.files.open('/image', 'create'), sshArgs: [], signal: new AbortController().signal },
    ...{ askPassword: () => Promise.resolve('secret'), onProgress: () => undefined },
  })

  it('is not waited for without end', async () => {
    const host = fakeHost({ ssh: () => new Promise<never>(() => undefined) })
    const taking = takeSnapshot(target, await options(host))
    host.clock.advance(120_000)
    await expect(taking).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE', message: 'No snapshot began on pi@board within 120 s' })
  })

  it('needs ssh', async () => {
    await expect(takeSnapshot(target, await options(fakeHost()))).rejects.toMatchObject({ code: 'TOOL_MISSING' })
  })
})
