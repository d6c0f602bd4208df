import { expect, it } from 'vitest'
import { sshPlacesOf } from './addresses.ts'

it('a device is logged in to where its SSH server is noticed, else at an address that it tells, and at none that needs to be told the link', () => {
  const inventory = [
    { name: 'ipv6_eth0', value: ['fe80::1/64', 'fd00::2/64'] },
    { name: 'ipv4_eth0', value: '192.168.7.21/24' },
    { name: 'ipv4_lo', value: '127.0.0.1/8' },
  ]
  expect(sshPlacesOf(inventory, { ssh: { host: '192.168.7.21', port: 2222 }, addresses: ['192.168.7.21'] })).toEqual([
    { host: '192.168.7.21', port: 2222 },
    { host: 'fd00::2', port: 22 },
  ])
  expect(sshPlacesOf(inventory, undefined)).toEqual([
    { host: '192.168.7.21', port: 22 },
    { host: 'fd00::2', port: 22 },
  ])
})
