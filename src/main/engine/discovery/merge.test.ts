import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boardOf, mergeSightings, type Sighting } from './merge.ts'

const mac = fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03')
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 })
const sighting: fc.Arbitrary<Sighting> = fc.record({
  road: fc.constantFrom('serial', 'mdns', 'neighbour', 'server'),
  place: fc.string({ maxLength: 4 }),
  detail: fc.constant(''),
  macs: few(mac),
  serialNumbers: few(fc.constantFrom('0001', 'A50285BI', 'LAB-0007')),
  hostNames: few(fc.constantFrom('raspberrypi', 'raspberrypi.local.', 'gate')),
  addresses: few(fc.constantFrom('10.0.0.7', '10.0.0.8')),
})
const some = fc.array(sighting, { maxLength: 12 })

/** Groups as sets of the numbers of their sightings. */
function numbered(all: readonly Sighting[], groups: readonly Sighting[][]): string[] {
  return groups.map((group) => JSON.stringify(group.map((each) => all.indexOf(each)).toSorted((a, b) => a - b))).toSorted()
}

describe('what is noticed on several roads', () => {
  it('is put into groups, each sighting into one', () => {
    fc.assert(
      fc.property(some, (all) => {
        const merged = mergeSightings(all).flat()
        expect(merged).toHaveLength(all.length)
        expect(new Set(merged)).toEqual(new Set(all))
      }),
    )
  })

  it('is grouped the same in whatever order it came', () => {
    fc.assert(
      fc.property(some, fc.integer(), (all, seed) => {
        const shuffled = all.map((each, index) => ({ each, at: Math.sin(seed + index) })).toSorted((a, b) => a.at - b.at)
        expect(numbered(all, mergeSightings(shuffled.map(({ each }) => each)))).toEqual(numbered(all, mergeSightings(all)))
      }),
    )
  })

  it('is one board where a MAC or a long serial number is shared, and never by a short number alone', () => {
    fc.assert(
      fc.property(some, (all) => {
        for (const group of mergeSightings(all)) {
          for (const other of all.filter((each) => !group.includes(each))) {
            const share = (pick: (each: Sighting) => readonly string[] | undefined) =>
              group.some((each) => pick(each)?.some((value) => value !== '0001' && pick(other)?.includes(value)))
            expect(share(({ macs }) => macs) || share(({ serialNumbers }) => serialNumbers)).toBe(false)
          }
        }
      }),
    )
  })

  const pi: Sighting = { road: 'mdns', place: 'raspberrypi', detail: 'ssh', hostNames: ['raspberrypi.local'], addresses: ['10.0.0.7'] }

  it('is joined from mDNS, the neighbours, the server and a serial port', () => {
    const board: Sighting[] = [
      { ...pi, ssh: { host: '10.0.0.7', port: 22 } },
      { road: 'neighbour', place: '10.0.0.7', detail: 'eth0', addresses: ['10.0.0.7'], macs: ['DC:A6:32:00:00:01'] },
      {
        road: 'server',
        place: 'd1',
        detail: '',
        macs: ['dc:a6:32:00:00:01'],
        device: { id: 'd1', name: 'LAB-0007' },
        serialNumbers: ['LAB-0007'],
      },
      { road: 'serial', place: '/dev/ttyACM0', detail: 'Gadget', serialNumbers: ['lab-0007'] },
      { road: 'serial', place: '/dev/ttyUSB0', detail: 'FTDI', serialNumbers: ['0001'] },
    ]
    const groups = mergeSightings(board)
    expect(groups.map((group) => group.length).toSorted()).toEqual([1, 4])
    const whole = boardOf(groups.find((group) => group.length === 4) ?? [], (id) => id === 'host:raspberrypi')
    expect(whole).toMatchObject({
      name: 'LAB-0007',
      deviceId: 'd1',
      ssh: { host: '10.0.0.7' },
      isIgnored: true,
      hostNames: ['raspberrypi'],
    })
    expect(whole.roads.map(({ road }) => road)).toEqual(['server', 'mdns', 'serial', 'neighbour'])
  })

  it('stays apart where boards share a name that nobody has changed, or an address that was given anew', () => {
    const two: Sighting[] = [
      { ...pi, macs: ['02:00:00:00:00:01'], addresses: [] },
      { ...pi, macs: ['02:00:00:00:00:02'], addresses: [] },
      { road: 'server', place: 'a', detail: '', device: { id: 'a', name: 'a' }, addresses: ['10.0.0.9'] },
      { road: 'server', place: 'b', detail: '', device: { id: 'b', name: 'b' }, addresses: ['10.0.0.9'] },
    ]
    expect(mergeSightings(two)).toHaveLength(4)
  })

  it('is known by its address where nothing lasting is known', () => {
    const [group = []] = mergeSightings([{ road: 'neighbour', place: '10.0.0.7', detail: '', addresses: ['10.0.0.7'] }])
    expect(boardOf(group, () => false)).toMatchObject({ ids: ['ip:10.0.0.7'], name: '10.0.0.7', ssh: null, isLikely: false })
  })
})
