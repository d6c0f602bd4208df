import { expect, it } from 'vitest'
import { absent } from './test-tools.ts'

it('a package counts as there only when dpkg calls it installed', () => {
  const lines = [
    'xvfb\tinstall ok installed',
    'dbus\tdeinstall ok config-files',
    'openssl\thold ok installed',
    'dpkg-query: no packages found matching chromium',
  ].join('\n')
  expect(absent(['xvfb', 'dbus', 'openssl', 'chromium'], lines)).toEqual(['dbus', 'chromium'])
})
