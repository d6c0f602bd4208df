import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { card, forgetRead, mounted, program } from '../engine/drives/loop.cases.ts'
import { guardDisk } from './guard.ts'

describe('a writer that was started as root for somebody', () => {
  it('lets cards pass, also with file systems on them', async () => {
    await using device = await card()
    await expect(guardDisk(device.path)).resolves.toBeUndefined()
    await using _at = await mounted(device.partitions.root, '/media')
    await expect(guardDisk(device.path)).resolves.toBeUndefined()
  })

  it('refuses what is no whole disk', async () => {
    await using device = await card()
    for (const path of [device.partitions.root, '/dev/null', '/dev/none', '/etc/passwd', `${device.path}/`, '/dev/../dev/sda'])
      await expect(guardDisk(path)).rejects.toMatchObject({ why: 'not-a-device' })
  })

  it('refuses what the system needs, whatever it was told', async () => {
    const source = program('findmnt', ['--noheadings', '--output', 'SOURCE', '/'])
    const disk = program('lsblk', ['--noheadings', '--inverse', '--list', '--output', 'PATH', source]).split('\n').at(-1) ?? ''
    await expect(guardDisk(disk)).rejects.toMatchObject({ why: 'refused', message: expect.stringContaining('The system runs from it') })
    await using device = await card()
    const { root } = device.partitions
    program('mkswap', [root])
    program('swapon', [root])
    try {
      await expect(guardDisk(device.path)).rejects.toMatchObject({ why: 'refused', message: `The system swaps to it (${root}).` })
    } finally {
      program('swapoff', [root])
    }
    program('pvcreate', ['--yes', root])
    forgetRead(device)
    await expect(guardDisk(device.path)).rejects.toMatchObject({ why: 'refused', message: `${root} is a part of an LVM volume group.` })
  })

  it('refuses what a container has mounted, which nobody else sees', async () => {
    await using device = await card()
    const folder = await mkdtemp(join(tmpdir(), 'otabench-container-'))
    const script = 'mount "$0" "$1" && echo mounted && read -r _'
    const container = spawn('unshare', ['--mount', 'sh', '-c', script, device.partitions.root, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      await once(container.stdout, 'data')
      await expect(guardDisk(device.path)).rejects.toMatchObject({
        why: 'refused',
        message: expect.stringContaining(`mounted at ${folder}`),
      })
    } finally {
      container.stdin.end('\n')
      await once(container, 'exit')
      await rmdir(folder)
    }
    await guardDisk(device.path)
  })
})
