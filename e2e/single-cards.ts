import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tool } from '../src/main/cli/commands/image.cases.ts'

const MIB = 1 << 20

type Tree = Readonly<Record<string, string | Buffer>>

interface SingleCard {
  table: 'dos' | 'gpt'
  /** What the FAT partition holds; there is none of none. */
  boot?: Tree
  root: Tree
}

/** `NAME.img` as a vendor ships it, with one root file system. */
export function makeSingleCard(folder: string, name: string, { table, boot = {}, root }: SingleCard): string {
  const image = join(folder, `${name}.img`)
  const file = (part: string): string => join(folder, `${name}-${part}`)
  const hasBoot = Object.keys(boot).length > 0
  writeTree(file('root'), { 'usr/bin/fw_setenv': '', 'usr/bin/mender': '', ...root })
  writeFileSync(image, '')
  truncateSync(image, 64 * MIB)
  const places = [...(hasBoot ? [`start=4MiB, size=16MiB, type=${table === 'gpt' ? 'U' : 'c'}`] : []), 'start=20MiB, size=32MiB, type=L']
  execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', image], { input: [`label: ${table}`, ...places].join('\n') })
  tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('root'), '-E', `offset=${20 * MIB}`, image, '32M')
  if (!hasBoot) return image
  writeTree(file('boot'), boot)
  tool('/usr/sbin/mkfs.vfat', '-C', '-n', 'VENDOR', file('fat'), '16384')
  tool('mcopy', '-s', '-i', file('fat'), ...readdirSync(file('boot')).map((each) => join(file('boot'), each)), '::')
  tool('dd', `if=${file('fat')}`, `of=${image}`, 'bs=1M', 'seek=4', 'conv=notrunc', 'status=none')
  return image
}

function writeTree(folder: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** A script of U-Boot's as mkimage makes it. */
export function bootScript(folder: string, text: string): Buffer {
  writeFileSync(join(folder, 'cmd'), text)
  const [from, to] = [join(folder, 'cmd'), join(folder, 'scr')]
  tool('mkimage', '-A', 'arm64', '-T', 'script', '-C', 'none', '-d', from, to)
  return execFileSync('cat', [to])
}
