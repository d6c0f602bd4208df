import { describe, expect, it } from 'vitest'
import { MACBOOK_DISKS, MACBOOK_INFO } from '../engine/drives/machines.cases.ts'
import { guardMacDisk } from './guard.ts'
import { macosDisk } from './guard-macos.ts'

/** diskutil of a Mac. */
function guard(device: string, disks: string = JSON.stringify(MACBOOK_DISKS), info = MACBOOK_INFO): void {
  guardMacDisk(device, (path) =>
    macosDisk(path, (command) => {
      const name = command[3]
      return name === undefined ? disks : JSON.stringify(info[name] ?? {})
    }),
  )
}

describe('a writer that was started as root for somebody on a Mac', () => {
  it('lets cards and plugged disks pass, also with volumes mounted where such are', () => {
    for (const device of ['/dev/disk4', '/dev/disk6']) expect(() => guard(device)).not.toThrow()
  })

  it('refuses what is no whole disk, and what only is made of others’ partitions', () => {
    for (const device of ['/dev/disk4s1', '/dev/rdisk4', '/dev/disk7', '/dev/disk9', '/etc/passwd', '/dev/disk4/../disk0'])
      expect(() => guard(device)).toThrow(expect.objectContaining({ why: 'not-a-device' }))
  })

  it('refuses what the system needs, whatever it was told: built in, or the one it was started from', () => {
    expect(() => guard('/dev/disk0')).toThrow('The system runs from it: it holds /')
    const elsewhere = JSON.stringify(MACBOOK_DISKS).replace('"SnapshotMountPoint":"/"', '"SnapshotMountPoint":""')
    expect(() => guard('/dev/disk0', elsewhere.replaceAll('/System/Volumes', '/Volumes'))).toThrow('among its own disks')
    expect(() => guard('/dev/disk6', elsewhere.replace('/Volumes/Backup', '/'))).toThrow('The system runs from it: it holds /.')
    expect(() => guard('/dev/disk4', undefined, {})).toThrow(expect.objectContaining({ why: 'refused' }))
  })
})
