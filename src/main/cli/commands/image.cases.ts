import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MKE2FS_ENV } from '../../engine/image/test-images.cases.ts'

const MIB = 1 << 20

export function tool(name: string, ...args: string[]): string {
  return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, env: MKE2FS_ENV })
}

/** Where the partitions of the card lie, in MiB. */
export const PLACES = { boot: [8, 16], rootfsA: [24, 64], rootfsB: [88, 64], data: [152, 32] } as const

/** A card as Mender lays it out, made with sfdisk, mkfs.vfat, mke2fs and mkenvimage: `card.NAME` of 192 MiB in `folder`. */
export function makeCard(folder: string, label: 'dos' | 'gpt'): string {
  const file = (name: string) => join(folder, name)
  const card = file(`card.${label}`)
  mkdirSync(file('root/etc/mender'), { recursive: true })
  mkdirSync(file('data/mender'), { recursive: true })
  writeFileSync(file('root/etc/mender/artifact_info'), 'artifact_name=release-1\n')
  writeFileSync(file('data/mender/device_type'), 'device_type=beaglebone\n')
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) writeFileSync(file(`root/${name}`), noise((index + 1) * 700_001))
  writeFileSync(card, '')
  truncateSync(card, 192 * MIB)
  const [names, first] = label === 'gpt' ? [['boot', 'rootfs-a', 'rootfs-b', 'data'], 'U'] : [[], 'c, bootable']
  const lines = Object.values(PLACES).map(([start, length], index) => {
    const name = names[index] === undefined ? '' : `, name=${names[index]}`
    return `start=${start}MiB, size=${length}MiB, type=${index === 0 ? first : 'L'}${name}`
  })
  execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', card], { input: [`label: ${label}`, ...lines].join('\n') })
  const ext = (type: string, tree: string, at: readonly [number, number], ...options: string[]) =>
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', type, ...options, '-d', file(tree), '-E', `offset=${at[0] * MIB}`, card, `${at[1]}M`)
  ext('ext4', 'root', PLACES.rootfsA, '-L', 'rootfs')
  ext('ext3', 'root', PLACES.rootfsB, '-b', '1024')
  ext('ext4', 'data', PLACES.data, '-L', 'data', '-O', '^metadata_csum,uninit_bg')
  writeFileSync(file('boot'), '')
  truncateSync(file('boot'), PLACES.boot[1] * MIB)
  tool('/usr/sbin/mkfs.vfat', '-n', 'BOOT', file('boot'))
  for (const name of readdirSync(file('root')).filter((each) => each.length === 1))
    tool('mcopy', '-i', file('boot'), file(`root/${name}`), '::')
  tool('mdel', '-i', file('boot'), '::b')
  writeFileSync(file('env.txt'), 'bootcount=0\nmender_boot_part=2\nupgrade_available=0\n')
  tool('mkenvimage', '-r', '-s', '0x20000', '-o', file('env'), file('env.txt'))
  for (const [from, at] of [['boot', PLACES.boot[0]] as const, ['env', 4] as const])
    tool('dd', `if=${file(from)}`, `of=${card}`, 'bs=1M', `seek=${at}`, 'conv=notrunc', 'status=none')
  return card
}

function noise(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24))
}
