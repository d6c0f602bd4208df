import type { TopologyPlace } from '@contract/topology.ts'
import { describe, expect, it } from 'vitest'
import { benchDevice } from './bench-device.cases.ts'
import type { BenchRow } from './bench-rows.ts'
import { topologyRows } from './topology-rows.ts'

const place = (id: string, parentId: string | null, deviceIds: string[] = []): TopologyPlace => ({
  ...{ id, parentId, name: id, deviceIds, kind: 'hub', detail: '', sizeBytes: null, isVirtual: false, boardId: null },
})
const PLACES = [place('usb', null), place('hub', 'usb'), place('tty', 'hub', ['a']), place('lan', null, ['b', 'c'])]
const DEVICES = ['a', 'b', 'c', 'd'].map((name) => benchDevice(name, 'up-to-date'))

const drawn = (rows: readonly BenchRow[]): string[] =>
  rows.map((row) => {
    if (row.kind === 'place') return `${' '.repeat(row.level)}${row.isOpen === false ? '+' : ''}${row.place.name} ${row.count}`
    return row.kind === 'devices' ? `${' '.repeat(row.level ?? 0)}* ${row.devices.map(({ name }) => name).join()}` : ''
  })

describe('the rows of the topology', () => {
  it('hold each device once, below its place; those whose place is not told come last', () => {
    expect(drawn(topologyRows(PLACES, DEVICES, { closed: [], isFiltered: false }))).toEqual([
      ' usb 1',
      '  hub 1',
      '   tty 1',
      '    * a',
      ' lan 2',
      '  * b',
      '  * c',
      ' Place not known 1',
      '  * d',
    ])
  })

  it('leave out what is folded up, and say how many devices are in it', () => {
    expect(drawn(topologyRows(PLACES, DEVICES.slice(0, 3), { closed: ['usb', 'lan'], isFiltered: false }))).toEqual([' +usb 1', ' +lan 2'])
  })

  it('leave out places without a device when a filter has taken some away', () => {
    expect(drawn(topologyRows(PLACES, DEVICES.slice(1, 2), { closed: [], isFiltered: true }))).toEqual([' lan 1', '  * b'])
    expect(drawn(topologyRows(PLACES, [], { closed: [], isFiltered: false }))).toEqual([' usb 0', '  hub 0', '   tty 0', ' lan 0'])
  })
})
