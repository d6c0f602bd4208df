import { describe, expect, it } from 'vitest'
import { missingPackages } from './electron-runtime.ts'
import { noScreen } from './open.ts'

describe('before the app is opened', () => {
  it('a Linux without DISPLAY and WAYLAND_DISPLAY has no screen', () => {
    expect(noScreen('linux', {})).toContain('neither DISPLAY nor WAYLAND_DISPLAY')
  })

  it('a DISPLAY that no X server stands behind is no screen', () => {
    expect(noScreen('linux', { DISPLAY: ':4711' })).toContain('no X server')
  })

  it('Wayland, a DISPLAY of another machine, and other systems are taken at their word', () => {
    expect(noScreen('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBeNull()
    expect(noScreen('linux', { DISPLAY: 'far-away:0' })).toBeNull()
    expect(noScreen('darwin', {})).toBeNull()
  })

  it('the libraries that ldd does not find are named as Debian packages, each once', () => {
    const ldd = '\tlibnss3.so => not found\n\tlibsmime3.so => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibodd.so.9 => not found\n'
    expect(missingPackages(ldd)).toEqual(['libnss3', 'libodd.so.9'])
  })
})
