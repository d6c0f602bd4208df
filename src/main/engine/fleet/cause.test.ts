import { describe, expect, it } from 'vitest'
import type { TimelineEntry } from '../../contract/devices.ts'
import { causeOf } from './cause.ts'

function entry(id: number, text: string, change: Partial<TimelineEntry> = {}): TimelineEntry {
  return { id, at: id, deviceId: 'd', deploymentId: 'x', lane: 'serial', level: 'info', text, ...change }
}

const LINES: [string, string][] = [
  ['mender: Signature verification failed: no key fits', 'The device refused the signature of the artifact.'],
  ['installer: expecting signed artifact, but no signature file found', 'The device refused the signature of the artifact.'],
  ['reader: checksum mismatch for file data/0000/rootfs.ext4', 'What arrived did not match the checksum in the artifact.'],
  ['Payload file: invalid checksum, expected ab, got cd', 'What arrived did not match the checksum in the artifact.'],
  [
    'installer: failed to read payload: flate: corrupt input before offset 1048',
    'What arrived did not match the checksum in the artifact.',
  ],
  ['artifact device type doesn\'t match; device type "x" is not among y', 'The artifact is not made for this device type.'],
  ['The artifact depends on rootfs-image.checksum, which is not satisfied', 'The device lacks what the artifact depends on.'],
  ['write /dev/mmcblk0p3: no space left on device', 'The payload does not fit on the device.'],
  ['Update module docker not found', 'The device has no update module for this payload type.'],
  [
    '[    2.010] Kernel panic: No working init found in the root file system',
    'The new system did not start: No working init found in the root file system',
  ],
  ['Process exited with status 1: /usr/share/mender/modules/v3/script ArtifactInstall', 'A program of the update ended with exit code 1.'],
  [
    "running enter state script(s) for ArtifactCommit_Enter state: statescript: error executing 'ArtifactCommit_Enter_10_refuse': 1 : exit status 1",
    'The state script ArtifactCommit_Enter_10_refuse ended with exit code 1.',
  ],
  [
    'The kernel is missing: U-Boot did not find /boot/vmlinuz',
    'The new system has no kernel where the bootloader looks for it: /boot/vmlinuz.',
  ],
  [
    'No sign of life for 60 s after the update was started: power cycle by the bench, the watchdog of this board',
    'The new system did not come up: nothing was heard of it for 60 s.',
  ],
  ['The system has no network: eth0 is missing', 'The new system has no network: eth0 is missing.'],
  [
    'transient error: Tried sending status report maximum number of times.',
    'The new system could not report to the server before its commit.',
  ],
  [
    'Giving up on sending status updates to server: connection timed out',
    'The new system could not report to the server before its commit.',
  ],
  ['statescript: error executing state script ArtifactCommit_Enter_00: exit status 3', 'A state script ended with an error (3).'],
  [
    'U-Boot: boot count 2 is past the limit 1: slot B is given up, back to slot A',
    'The new system did not come up within the allowed boots, so the bootloader went back.',
  ],
  ['Reboot to the new partition did not happen: wrong partition is running', 'After the reboot the device was back on the old system.'],
  ['The download was given up after 10 tries at byte 4096', 'The download broke off and was not completed.'],
  ['Commit failed: the server could not be reached', 'The device could not commit the new system.'],
]

describe('the cause of a failure', () => {
  it.each(LINES)('%s', (line, summary) => {
    const found = causeOf({ status: 'failure', entries: [entry(1, 'started'), entry(2, line)], log: [] })
    expect(found).toMatchObject({ summary, entryId: 2 })
    expect(found?.remedy).not.toBe('')
    expect(causeOf({ status: 'failure', entries: [], log: [{ level: 'error', message: line }] })).toMatchObject({ summary, entryId: null })
  })

  it('is the root and not what followed from it', () => {
    const entries = [
      entry(1, '[ 2.0] Kernel panic: VFS: Unable to mount root fs'),
      entry(2, 'U-Boot: boot count 2 is past the limit 1: slot B is given up, back to slot A'),
      entry(3, 'mender: Process exited with status 1', { level: 'error' }),
    ]
    expect(causeOf({ status: 'failure', entries, log: [] })).toMatchObject({ entryId: 1, summary: expect.stringContaining('VFS') })
  })

  it('is the lack of a network only where the client went back because nobody heard it', () => {
    const unreachable = 'Failed to authorize: dial tcp 10.0.2.2:443: connect: network is unreachable'
    const gaveUp = 'transient error: Tried sending status report maximum number of times.'
    const log = [unreachable, gaveUp].map((message) => ({ level: 'error', message }))
    const summary = 'The new system had no network to report over before its commit: network is unreachable.'
    expect(causeOf({ status: 'failure', entries: [entry(1, unreachable), entry(2, gaveUp)], log: [] })).toMatchObject({
      summary,
      entryId: 1,
    })
    expect(causeOf({ status: 'failure', entries: [], log })).toMatchObject({ summary, entryId: null })
    expect(causeOf({ status: 'failure', entries: [entry(1, unreachable), entry(2, 'Commit failed')], log: [] })).toMatchObject({
      summary: 'The device could not commit the new system.',
    })
  })

  it('is the last error when no known line is there', () => {
    const entries = [entry(1, 'first', { level: 'error' }), entry(2, 'the moon is in the way', { level: 'error' }), entry(3, 'cleaned up')]
    expect(causeOf({ status: 'failure', entries, log: [] })).toMatchObject({ summary: 'the moon is in the way', entryId: 2 })
  })

  it('is never looked for in what the server itself did', () => {
    const entries = [entry(1, 'connection reset while downloading', { lane: 'http', level: 'error' })]
    expect(causeOf({ status: 'failure', entries, log: [] })?.summary).toBe('The device reported a failure and did not say why.')
  })

  it('is that the device never came back, once somebody has noted its silence', () => {
    expect(causeOf({ status: 'rebooting', entries: [entry(1, 'rebooting')], log: [] })).toBeNull()
    expect(causeOf({ status: 'rebooting', entries: [entry(4, 'U-Boot: No slot comes up; the board is halted')], log: [] })).toMatchObject({
      entryId: 4,
      summary: 'The device has not been heard since it rebooted.',
    })
  })

  it.each(['success', 'pending', 'installing', 'aborted', 'noartifact'] as const)('is not asked for while the status is %s', (status) => {
    expect(causeOf({ status, entries: [entry(1, 'Kernel panic')], log: [] })).toBeNull()
  })
})
