import { expect, test } from 'vitest'
import { type HeardRecord, mdnsSightings } from './mdns-records.ts'

const records: HeardRecord[] = [
  { kind: 'PTR', name: '_ssh._tcp.local', target: 'bench pi._ssh._tcp.local' },
  { kind: 'SRV', name: 'Bench Pi._ssh._tcp.local', target: 'benchpi.local', port: 2222 },
  { kind: 'A', name: 'benchpi.local', target: '10.0.0.7' },
  { kind: 'AAAA', name: 'benchpi.local', target: 'fe80::1' },
  { kind: 'PTR', name: '_workstation._tcp.local', target: 'benchpi [dc:a6:32:00:00:01]._workstation._tcp.local' },
  { kind: 'SRV', name: 'benchpi [dc:a6:32:00:00:01]._workstation._tcp.local', target: 'benchpi.local', port: 9 },
  { kind: 'PTR', name: '_ssh._tcp.local', target: 'unknown._ssh._tcp.local' },
  { kind: 'PTR', name: '_ipp._tcp.local', target: 'printer._ipp._tcp.local' },
  { kind: 'SRV', name: 'printer._ipp._tcp.local', target: 'printer.local', port: 631 },
]

test('a host tells its SSH server, its addresses and its MAC; what is not complete and what is no board is left out', () => {
  expect(mdnsSightings(records)).toEqual([
    {
      ...{ road: 'mdns', place: 'benchpi.local', detail: 'ssh', hostNames: ['benchpi.local'], addresses: ['10.0.0.7', 'fe80::1'] },
      ...{ macs: [], ssh: { host: '10.0.0.7', port: 2222 } },
    },
    {
      ...{ road: 'mdns', place: 'benchpi.local', detail: 'workstation', hostNames: ['benchpi.local'] },
      ...{ addresses: ['10.0.0.7', 'fe80::1'], macs: ['dc:a6:32:00:00:01'] },
    },
  ])
})
