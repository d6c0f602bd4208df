import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Store, openStore } from '../store/open.ts'
import { ARTIFACT_CONTENT } from './artifact-content.cases.ts'
import { listCompatibility, verdictOf } from './compatibility.ts'

const CONTENT = { ...ARTIFACT_CONTENT, name: 'release-2', depends: { kernel: '6' } }

describe('whether the devices of the bench would take an artifact', () => {
  let store: Store
  beforeEach(() => {
    store = openStore(':memory:')
  })
  afterEach(() => store.close())

  function addDevice(id: string, deviceType: string | null, inventory: Record<string, string> = {}): void {
    store.devices.add({ id, identityHash: id, identity: { mac: `mac of ${id}` }, createdAt: store.devices.count() })
    store.devices.setReported(id, { deviceType, artifactName: deviceType && 'release-1', at: 1 })
    const attributes = Object.entries(inventory).map(([name, value]) => ({ scope: 'inventory', name, value }))
    store.inventory.replace(id, 'inventory', attributes, 1)
  }

  it('is said for each, with the rule that it breaks', () => {
    store.artifacts.add({ id: 'a', description: '', sizeBytes: 1, sha256: '', content: CONTENT, addedAt: 1 })
    addDevice('fits', 'board', { kernel: '6' })
    addDevice('old', 'board', { kernel: '5' })
    addDevice('bare', 'board', { other: '1' })
    addDevice('silent', 'board')
    addDevice('other', 'toaster', { kernel: '6' })
    addDevice('new', null)
    expect(listCompatibility('a', { store })).toEqual([
      { deviceId: 'fits', deviceName: 'mac of fits', willInstall: true, why: expect.stringContaining('everything') },
      { deviceId: 'old', deviceName: 'mac of old', willInstall: false, why: 'It depends on kernel being "6"; the device has "5".' },
      { deviceId: 'bare', deviceName: 'mac of bare', willInstall: false, why: expect.stringContaining('does not provide it') },
      { deviceId: 'silent', deviceName: 'mac of silent', willInstall: true, why: expect.stringContaining('no inventory yet') },
      { deviceId: 'other', deviceName: 'mac of other', willInstall: false, why: 'Its device type "toaster" is not among "board".' },
      { deviceId: 'new', deviceName: 'mac of new', willInstall: false, why: expect.stringContaining('has not said') },
    ])
    expect(listCompatibility('nothing', { store })).toBeNull()
  })

  it('is no where no client takes the artifact, whatever the device has', () => {
    const known = { provides: { device_type: 'board', kernel: '6' }, hasAllProvides: true }
    expect(verdictOf(CONTENT, known).willInstall).toBe(true)
    expect(verdictOf({ ...CONTENT, depends: { kernel: ['6'] } }, known)).toMatchObject({
      willInstall: false,
      why: expect.stringContaining('is a list'),
    })
    expect(verdictOf({ ...CONTENT, formatVersion: 2 }, known)).toMatchObject({
      willInstall: false,
      why: expect.stringContaining('version 2'),
    })
  })

  it('is yes with a word about it where the device runs the artifact already', () => {
    const provides = { device_type: 'board', kernel: '6', artifact_name: 'release-2' }
    expect(verdictOf(CONTENT, { provides, hasAllProvides: true })).toMatchObject({
      willInstall: true,
      why: expect.stringContaining('already'),
    })
  })
})
