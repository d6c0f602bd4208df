import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEAL_BYTES } from './protocol.ts'
import { type ImageUnit, differences, unitsOf } from './units.ts'

const MIB = 1 << 20

describe('what is written at once', () => {
  const range = fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 600 }), fc.nat(3))

  it('is every byte of the ranges behind what is held back, in order and no more than a MiB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 12 }), fc.array(fc.nat()), async (steps, sums) => {
        let at = 0
        const ranges = steps.map(([gap, length]): [number, number] => {
          const start = at + gap * 4096
          at = start + length * 4096
          return [start, at]
        })
        const units: ImageUnit[] = []
        const batches = (async function* () {
          for (const each of ranges) yield await Promise.resolve([each])
        })()
        for await (const unit of unitsOf(batches, { roomBytes: Number.POSITIVE_INFINITY, blockBytes: 4096, sums })) units.push(unit)
        const blocks = (list: readonly (readonly [number, number])[]): number[] =>
          list.flatMap(([start, end]) => Array.from({ length: (end - start) / 4096 }, (_, index) => start + index * 4096))
        expect(blocks(units.map(({ start, end }) => [start, end]))).toEqual(blocks(ranges).filter((block) => block >= SEAL_BYTES))
        expect(units.map(({ crc }) => crc)).toEqual(units.map((_, index) => sums[index] ?? null))
        for (const { start, end } of units) expect(Math.floor(start / MIB)).toBe(Math.floor((end - 1) / MIB))
      }),
    )
  })

  it('with difference is every grain that differs, and none that does not', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), fc.nat(1000), (differs, rest) => {
        const grain = 4096
        const wanted = Buffer.alloc(differs.length * grain + rest, 1)
        const found = Buffer.from(wanted)
        for (const [index, isOther] of differs.entries()) if (isOther) found[index * grain + (rest % grain)] = 2
        const written = new Set<number>()
        for (const { start, end } of differences(wanted, found, grain)) for (let at = start; at < end; at += grain) written.add(at / grain)
        expect([...written]).toEqual(differs.flatMap((isOther, index) => (isOther ? [index] : [])))
      }),
    )
  })
})
