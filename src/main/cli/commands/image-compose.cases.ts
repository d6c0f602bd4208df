import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { tool } from './image.cases.ts'

/** A root file system with one of everything that a tar can hold, in `folder`/root. Root alone can make devices. */
export function makeRoot(folder: string): string {
  const root = join(folder, 'root')
  const at = (name: string) => join(root, name)
  for (const name of [
    'bin',
    'dev',
    'etc/mender',
    'data',
    'boot/efi',
    'var/lib',
    'usr/lib/systemd',
    `usr/${'d'.repeat(120)}/${'e'.repeat(120)}`,
  ])
    mkdirSync(at(name), { recursive: true })
  writeFileSync(at('etc/mender/artifact_info'), 'artifact_name=release-1\n')
  writeFileSync(at('etc/fstab'), '/dev/root / auto defaults 1 1\n/dev/mmcblk0p4 /data auto defaults 0 0\n')
  writeFileSync(at('etc/fw_env.config'), '/dev/mmcblk0 0x100000 0x4000\n')
  writeFileSync(at('bin/busybox'), Buffer.alloc(700_001, 'busy'))
  writeFileSync(at('bin/ünïcode'), 'x')
  writeFileSync(at(`usr/${'d'.repeat(120)}/${'e'.repeat(120)}/deep`), 'deep')
  writeFileSync(at('etc/empty'), '')
  writeFileSync(at('usr/lib/systemd/systemd'), '')
  writeFileSync(at('var/holes'), Buffer.concat([Buffer.alloc(1 << 20), Buffer.from('end')]))
  tool('ln', at('bin/busybox'), at('bin/sh'))
  tool('ln', '-s', '/data/mender', at('var/lib/mender'))
  tool('ln', '-s', 'x'.repeat(300), at('etc/long'))
  tool('mknod', at('dev/console'), 'c', '5', '1')
  tool('mknod', at('dev/nvme'), 'b', '259', '70000')
  tool('mkfifo', at('dev/initctl'))
  tool('chown', '-h', '1000:70000', at('bin/busybox'), at('etc/long'))
  tool('chmod', '4755', at('bin/busybox'))
  tool('chmod', '1777', at('var'))
  tool('setfattr', '-n', 'security.capability', '-v', '0x0100000200040000000000000000000000000000', at('bin/busybox'))
  for (const name of ['user.note', 'user.other', 'trusted.x']) tool('setfattr', '-n', name, '-v', 'a value '.repeat(20), at('etc/mender'))
  tool('find', root, '-exec', 'touch', '-h', '-d', '2024-02-29T12:00:00.25Z', '{}', ';')
  return root
}

/** GNU tar, with everything. */
export function makeTar(folder: string, name: string, ...options: string[]): string {
  tool('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', ...options, '-C', join(folder, 'root'), '-caf', join(folder, name), '.')
  return join(folder, name)
}

/** What find and getfattr, which know nothing of us, say of everything below a folder. */
export function described(folder: string): string {
  const files = tool('find', folder, '-mindepth', '1', '-name', 'lost+found', '-prune', '-o', '-printf', '%P|%y|%m|%U:%G|%T@|%l\n')
  const links = tool('find', folder, '-type', 'f', '-printf', '%P|%n\n')
  const devices = execFileSync('sh', ['-c', `cd '${folder}' && find . -type c -o -type b | xargs -r stat -c '%n %t:%T'`], {
    encoding: 'utf8',
  })
  const sums = execFileSync('sh', ['-c', `cd '${folder}' && find . -type f -print0 | sort -z | xargs -0 sha256sum`], { encoding: 'utf8' })
  const attributes = execFileSync('sh', ['-c', `cd '${folder}' && getfattr -R -h -d -m - -e hex . 2>/dev/null`], { encoding: 'utf8' })
  const sorted = (text: string) => text.split('\n').toSorted().join('\n')
  return [files, links, devices, sums, attributes.split('\n\n').toSorted().join('\n\n').trim()]
    .map((text, index) => (index < 4 ? sorted(text).trim() : text))
    .join('\n')
    .trim()
}

const SFDISK = z.object({
  partitiontable: z.object({
    label: z.string(),
    id: z.string(),
    partitions: z.array(
      z.object({
        start: z.number(),
        size: z.number(),
        type: z.string(),
        name: z.string().optional(),
        uuid: z.string().optional(),
        attrs: z.string().optional(),
        bootable: z.boolean().optional(),
      }),
    ),
  }),
})

/** A card as sfdisk reads it. */
export function sfdisk(card: string) {
  return SFDISK.parse(JSON.parse(tool('/usr/sbin/sfdisk', '--json', card))).partitiontable
}

/** Cuts partitions out of a card, and answers their files. */
export function cutOut(card: string): string[] {
  return sfdisk(card).partitions.map(({ start, size }, index) => {
    const file = `${card}.p${index + 1}`
    const bytes = [`skip=${start * 512}`, `count=${size * 512}`, 'iflag=skip_bytes,count_bytes']
    tool('dd', `if=${card}`, `of=${file}`, 'bs=1M', ...bytes, 'conv=sparse', 'status=none')
    return file
  })
}

/** What e2fsck, or fsck.vfat, has against a file system; empty for nothing. */
export function complaints(file: string): string {
  const kind = tool('/usr/sbin/blkid', '-p', '-s', 'TYPE', '-o', 'value', file).trim()
  const [name = '', ...options] = kind === 'vfat' ? ['/usr/sbin/fsck.vfat', '-n'] : ['/usr/sbin/e2fsck', '-fn']
  try {
    tool(name, ...options, file)
    return ''
  } catch (thrown) {
    return String(thrown instanceof Error && 'stdout' in thrown ? thrown.stdout : thrown)
  }
}

/** A file of the boot partition, as mtools reads it: kernels of test machines have no FAT. */
export function inBoot(card: string, path: string): string {
  return tool('mtype', '-i', `${card}@@${(sfdisk(card).partitions[0]?.start ?? 0) * 512}`, `::${path}`)
}

/** Copies a folder of the boot partition out. */
export function copyOut(card: string, path: string, to: string): void {
  tool('mcopy', '-s', '-n', '-i', `${card}@@${(sfdisk(card).partitions[0]?.start ?? 0) * 512}`, `::${path}`, to)
}

/** Lets the kernel mount a partition of a card, read-only. */
export function mounted<T>(card: string, number: number, work: (folder: string) => T): T {
  const place = sfdisk(card).partitions[number - 1]
  const folder = `${card}.mount`
  mkdirSync(folder, { recursive: true })
  const options = `ro,loop,offset=${(place?.start ?? 0) * 512},sizelimit=${(place?.size ?? 0) * 512}`
  tool('mount', '-o', options, card, folder)
  try {
    return work(folder)
  } finally {
    tool('umount', folder)
  }
}
