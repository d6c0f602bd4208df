import { describe, expect, it } from 'vitest'
import type { DiscoveredBoard } from '../../contract/discovery.ts'
import type { Drive } from '../../contract/drives.ts'
import type { SerialPortFacts } from '../../contract/serial.ts'
import { subnetOf, subnetsOf } from './subnets.ts'
import { type Ground, placesOf } from './tree.ts'

const EMPTY: Ground = { usb: [], drives: [], ports: [], boards: [], devices: [], subnets: [] }
const LAB = subnetsOf([
  { interfaceName: 'lo', address: '127.0.0.1', family: 4, prefixLength: 8, isLoopback: true },
  { interfaceName: 'eth0', address: '192.168.7.1', family: 4, prefixLength: 24, isLoopback: false },
])

/** A tree as text: how deep, the name, who is there. */
function drawn(ground: Partial<Ground>): string[] {
  const places = placesOf({ ...EMPTY, ...ground })
  const depth = (id: string | null): number => (id === null ? 0 : 1 + depth(places.find((each) => each.id === id)?.parentId ?? null))
  return places.map(({ parentId, name, deviceIds, boardId }) =>
    [`${'  '.repeat(depth(parentId))}${name}`, ...deviceIds, ...(boardId === null ? [] : [`(${boardId})`])].join(' '),
  )
}

const port = (path: string, place: string | null): SerialPortFacts => ({
  ...{ path, driver: 'ftdi_sio', heldBy: [] },
  usb: place === null ? null : { place, vendorId: '', productId: '', manufacturer: 'FTDI', product: 'FT232R', serialNumber: '' },
})
const board = (name: string, more: Partial<DiscoveredBoard>): DiscoveredBoard => ({
  ...{ ids: [`host:${name}`], name, roads: [], macs: [], serialNumbers: [], hostNames: [], addresses: [] },
  ...{ deviceId: null, ssh: null, isLikely: true, isIgnored: false, ...more },
})
const drive = (name: string, more: Partial<Drive> = {}): Drive => ({
  ...{ name, vendor: '', model: '', sizeBytes: 32e9, bus: 'usb', reader: '', isRemovable: true, isReadOnly: false, partitions: [] },
  identity: { path: `/dev/${name}`, serial: '', sizeBytes: 32e9, port: '', diskSequence: '' },
  ...{ mountedAt: [], mender: null, verdict: { kind: 'writable', reasons: [] }, access: 'open', virtual: null, ...more },
})

describe('the topology', () => {
  it('hangs readers, their drives and serial ports on the hubs that they are plugged into, and leaves keyboards out', () => {
    const ground: Partial<Ground> = {
      usb: [
        { place: '1-2', name: 'Seven Ports', isHub: true },
        { place: '1-2.10', name: 'Card Reader', isHub: false },
        { place: '1-2.4', name: 'FT232R', isHub: false },
        { place: '1-3', name: 'Keyboard', isHub: false },
      ],
      drives: [
        { drive: drive('sdb'), usbPlace: '1-2.10' },
        { drive: drive('sdc', { sizeBytes: 0 }), usbPlace: '1-2.10' },
      ],
      ports: [port('/dev/ttyUSB0', '1-2.4')],
    }
    expect(drawn(ground)).toEqual(['USB', '  Seven Ports', '    FT232R', '      /dev/ttyUSB0', '    Card Reader', '      sdb', '      sdc'])
    expect(placesOf({ ...EMPTY, ...ground }).find(({ name }) => name === 'FT232R')?.detail).toBe('socket 4')
  })

  it('shows a port whose USB device is not told, and those that are built in', () => {
    expect(drawn({ ports: [port('/dev/ttyUSB0', '3-1'), port('/dev/ttyS0', null)] })).toEqual([
      'USB',
      '  FT232R',
      '    /dev/ttyUSB0',
      'Built-in serial ports',
      '  /dev/ttyS0',
    ])
  })

  it('has each device once: at its serial port, else on the network of its address, else among the virtual ones', () => {
    const ground: Partial<Ground> = {
      ports: [port('/dev/ttyUSB0', '1-1')],
      boards: [
        board('wired', {
          roads: [
            { road: 'serial', place: '/dev/ttyUSB0', detail: '' },
            { road: 'mdns', place: '192.168.7.9', detail: '' },
          ],
          addresses: ['192.168.7.9'],
          deviceId: 'd1',
        }),
        board('near', { roads: [{ road: 'neighbour', place: 'fe80::1', detail: 'eth0' }], addresses: ['fe80::1'], deviceId: 'd2' }),
      ],
      devices: [
        { id: 'd1', isVirtual: false, addresses: ['192.168.7.9/24'] },
        { id: 'd2', isVirtual: false, addresses: [] },
        { id: 'd3', isVirtual: false, addresses: ['192.168.7.30/24'] },
        { id: 'd4', isVirtual: false, addresses: ['10.1.2.3/16'] },
        { id: 'd5', isVirtual: false, addresses: [] },
        { id: 'd6', isVirtual: true, addresses: ['192.168.7.31/24'] },
      ],
      subnets: LAB,
    }
    expect(drawn(ground)).toEqual([
      'USB',
      '  FT232R',
      '    /dev/ttyUSB0 d1',
      '192.168.7.0/24 d2 d3',
      '10.1.0.0/16 d4',
      'Place not known d5',
      'Virtual d6',
    ])
  })

  it('has a board that is no device at its port or network, and none that is ignored or unlikely', () => {
    const ground: Partial<Ground> = {
      ports: [port('/dev/ttyUSB0', '1-1')],
      boards: [
        board('wire', { ids: ['place:/dev/ttyUSB0'], roads: [{ road: 'serial', place: '/dev/ttyUSB0', detail: '' }] }),
        board('pi', { addresses: ['192.168.7.7'] }),
        board('printer', { addresses: ['192.168.7.8'], isLikely: false }),
        board('ignored', { addresses: ['192.168.7.9'], isIgnored: true }),
      ],
      subnets: LAB,
    }
    expect(drawn(ground)).toEqual(['USB', '  FT232R', '    /dev/ttyUSB0 (place:/dev/ttyUSB0)', '192.168.7.0/24', '  pi (host:pi)'])
  })

  it('says virtual drives to be virtual, and leaves out the disks of the system', () => {
    const virtual = drive('card', { bus: 'virtual', virtual: { id: 'card', faults: { ...NO_FAULTS } } })
    const system = drive('nvme0n1', { bus: 'nvme', verdict: { kind: 'refused', reasons: [] } })
    const slot = drive('mmcblk0', { bus: 'mmc', sizeBytes: 0, verdict: { kind: 'refused', reasons: [] } })
    const places = placesOf({ ...EMPTY, drives: [virtual, system, slot].map((each) => ({ drive: each, usbPlace: null })) })
    expect(places.map(({ name, isVirtual }) => [name, isVirtual])).toEqual([
      ['Card slots and drives', false],
      ['mmcblk0', false],
      ['Virtual', true],
      ['card', true],
    ])
  })

  it('is made of a thousand devices in one piece', () => {
    const devices = Array.from({ length: 1000 }, (_, index) => ({
      ...{ id: `d${index}`, isVirtual: false },
      addresses: [`10.0.${index >> 8}.${index & 255}/24`],
    }))
    const places = placesOf({ ...EMPTY, devices })
    expect(places.map(({ name, deviceIds }) => [name, deviceIds.length])).toEqual([
      ['10.0.0.0/24', 256],
      ['10.0.1.0/24', 256],
      ['10.0.2.0/24', 256],
      ['10.0.3.0/24', 232],
    ])
  })
})

const NO_FAULTS = { writeBytesPerSecond: null, failsAtByte: null, pulledAtByte: null, realBytes: null }

describe('a network', () => {
  it('is named by its first address, whatever its width', () => {
    expect(['10.1.2.3/8', '10.1.2.3/20', '192.168.255.255/31', '1.2.3.4/32', '1.2.3.4/0'].map(subnetOf)).toEqual([
      '10.0.0.0/8',
      '10.1.0.0/20',
      '192.168.255.254/31',
      '1.2.3.4/32',
      '0.0.0.0/0',
    ])
    expect(['', '10.1.2.3', 'fe80::1/64', '10.1.2.3/33', '10.1.2/8'].map(subnetOf)).toEqual([null, null, null, null, null])
  })
})
