import type { Drive } from '@contract/drives.ts'
import { type FlashView, type Lane, flashRequest } from '@contract/flash.ts'
import { describe, expect, it } from 'vitest'
import { laneNews } from './lane-news.ts'
import { canFinish, driveOf, laneDetail, laneLook, laneNotes, outcome, timeLeft } from './lane-words.ts'

const identity = { path: '/dev/sdb', serial: 'S1', sizeBytes: 8e9, port: 'usb-1', diskSequence: '4' }
const card: Drive = {
  ...{ identity, name: 'SD Reader', vendor: '', model: '', sizeBytes: 8e9, bus: 'usb', reader: '', isRemovable: true, isReadOnly: false },
  ...{ partitions: [], mountedAt: [], mender: null, verdict: { kind: 'writable', reasons: [] }, access: 'open', virtual: null },
}
const lane: Lane = {
  ...{
    id: 'a',
    target: { path: '/dev/sdb', identity, typedName: null },
    state: 'running',
    isBegun: true,
    isWrittenSince: false,
    phase: 'writing',
    doneBytes: 25e6,
    totalBytes: 100e6,
  },
  ...{ bytesPerSecond: 5e6, samples: [], sampleBytes: 0, bottleneck: 'card', writtenBytes: 25e6, savedBytes: 0, rewrites: [] },
  ...{ sampled: null, rewriteCount: 0, failure: null, startedAt: 0, endedAt: null, jobId: null },
}
const view = (...lanes: Lane[]): FlashView => ({
  ...{
    id: 'v',
    request: flashRequest.parse({ source: '/a.img', targets: [lane.target] }),
    source: null,
    sha256: null,
    isSummed: true,
    lanes,
    startedAt: 0,
  },
})

describe('a lane', () => {
  it('says its rate, the time left and what bounds it', () => {
    expect(timeLeft(lane)).toBe(15_000)
    expect(laneDetail(lane, { verify: true })).toBe('5.00 MB/s · 0:15 left, then verified · bounded by this card')
    expect(laneDetail({ ...lane, phase: 'verifying', bottleneck: null }, { verify: true })).toBe('5.00 MB/s · 0:15 left')
    expect(laneDetail({ ...lane, bytesPerSecond: 0, bottleneck: null }, { verify: true })).toBe('')
    expect(laneDetail({ ...lane, state: 'paused' }, { verify: true })).toBe('')
  })

  it('asks for the card only where there is one to take out', () => {
    const done = { ...lane, state: 'done' as const, endedAt: 61_000 }
    expect(laneLook(done, card).word).toBe('REMOVE CARD')
    expect(laneLook(done, null).word).toBe('DONE')
    expect(
      laneLook(done, {
        ...card,
        virtual: { id: 'x', faults: { writeBytesPerSecond: null, failsAtByte: null, pulledAtByte: null, realBytes: null } },
      }).word,
    ).toBe('DONE')
    expect(laneDetail(done, { verify: false })).toBe('written, not verified in 1:01, 25.0 MB written')
  })

  it('tells what was spared and what had to be written again', () => {
    expect(laneNotes({ ...lane, savedBytes: 75e6 })).toEqual(['75.0 MB were there already, and not written'])
    expect(laneNotes({ ...lane, sampled: { count: 256, different: 192, isDifferential: false } })).toEqual([
      'differs in 75 % of the places looked at: written whole, which is quicker',
    ])
    expect(laneNotes({ ...lane, state: 'failed', isWrittenSince: true })).toEqual(['written since, by a later flash'])
    expect(canFinish({ ...lane, state: 'failed' })).toBe(true)
    expect(canFinish({ ...lane, state: 'failed', isWrittenSince: true })).toBe(false)
    const rewrites = [{ startBytes: 4096, endBytes: 8192, times: 2 }]
    expect(laneNotes({ ...lane, rewriteCount: 1, rewrites })[0]).toMatch(
      /^1 place read back otherwise and was written again, the first at byte 4096/,
    )
  })

  it('is found again at another path by serial number and size, and by nothing less', () => {
    const moved = { ...card, identity: { ...identity, path: '/dev/sdc', diskSequence: '9' } }
    expect(driveOf(lane, [moved])).toBe(moved)
    expect(driveOf(lane, [{ ...moved, sizeBytes: 4e9 }])).toBeNull()
    expect(
      driveOf({ ...lane, target: { ...lane.target, identity: { ...identity, serial: '' } } }, [
        { ...moved, identity: { ...moved.identity, serial: '' } },
      ]),
    ).toBeNull()
  })
})

describe('flashes together', () => {
  it('say how they ended', () => {
    expect(outcome(view({ ...lane, state: 'done' }, { ...lane, state: 'failed' }))).toBe('1 written and verified, 1 not finished')
  })

  it('are told at changes of state and at each tenth, never at each byte', () => {
    const said = new Map<string, string>()
    const news = (changes: Partial<Lane>) => laneNews([view({ ...lane, ...changes })], said)
    expect(news({})).toEqual([])
    expect(news({ doneBytes: 29e6 })).toEqual([])
    expect(news({ doneBytes: 30e6 })).toEqual(['sdb, writing, 30 %'])
    expect(news({ phase: 'verifying', doneBytes: 0 })).toEqual(['sdb, verifying, 0 %'])
    expect(news({ state: 'failed', phase: 'verifying', doneBytes: 0 })).toEqual(['sdb, failed'])
  })
})
