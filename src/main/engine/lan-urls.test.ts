import { expect, it } from 'vitest'
import { lanUrls } from './lan-urls.ts'

const loopback = { interfaceName: 'lo', address: '127.0.0.1', family: 4, prefixLength: 8, isLoopback: true } as const
const lan = { interfaceName: 'eth0', address: '192.168.7.1', family: 4, prefixLength: 24, isLoopback: false } as const

it('a listener on all interfaces is reached under the addresses of the lab network', () => {
  expect(lanUrls('https://127.0.0.1:8443', '0.0.0.0', [loopback, lan])).toEqual(['https://192.168.7.1:8443'])
})

it('without a network it is reached on this machine', () => {
  expect(lanUrls('http://127.0.0.1:8080', '0.0.0.0', [loopback])).toEqual(['http://127.0.0.1:8080'])
})

it('a listener on one address is reached there, and none nowhere', () => {
  expect(lanUrls('http://127.0.0.1:8080', '127.0.0.1', [loopback, lan])).toEqual(['http://127.0.0.1:8080'])
  expect(lanUrls(null, undefined, [lan])).toEqual([])
})
