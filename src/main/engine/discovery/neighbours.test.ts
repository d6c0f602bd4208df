import { describe, expect, it } from 'vitest'
import { fromArp, fromIp } from './neighbours.ts'

const IP = JSON.stringify([
  { dst: '10.0.0.7', dev: 'eth0', lladdr: 'DC:A6:32:00:00:01', state: ['REACHABLE'] },
  { dst: '10.0.0.8', dev: 'eth0', state: ['FAILED'] },
  { dst: '10.0.0.9', dev: 'eth0', lladdr: '02:00:00:00:00:09', state: ['FAILED'] },
  { dst: 'fe80::1', dev: 'eth0', lladdr: '02:00:00:00:00:01', router: null, state: ['STALE'] },
])
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.7         0x1         0x2         dc:a6:32:00:00:01     *        eth0
10.0.0.8         0x1         0x0         00:00:00:00:00:00     *        eth0
`

describe('the neighbours', () => {
  it('are those that answered, as ip tells them', () => {
    expect(fromIp(IP).map(({ place, macs }) => [place, macs])).toEqual([
      ['10.0.0.7', ['dc:a6:32:00:00:01']],
      ['fe80::1', ['02:00:00:00:00:01']],
    ])
    expect([fromIp(''), fromIp('{}')]).toEqual([[], []])
  })

  it('are those of the kernel where there is no ip', () => {
    expect(fromArp(ARP)).toEqual([
      { road: 'neighbour', place: '10.0.0.7', detail: 'eth0', addresses: ['10.0.0.7'], macs: ['dc:a6:32:00:00:01'] },
    ])
    expect(fromArp('')).toEqual([])
  })
})
