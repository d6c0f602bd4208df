import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { root } from '../../program.ts'

const CONTENT = ['/usr/bin/*', '/usr/sbin/*', '/usr/lib/*/*.so*', '/usr/share/doc/*/copyright', '/usr/share/**/*.mo']
const LARGEST_BYTES = 20e6
const MIB = 2 ** 20

/** A card of 1 GiB as Mender lays it out: boot, two equal slots with real programs and libraries, data. In MiB, from the first 8 on. */
const PARTITIONS = [
  { name: 'boot', mib: 40, files: 20 },
  { name: 'rootfs-a', mib: 400, files: 215 },
  { name: 'rootfs-b', mib: 400, files: 215 },
  { name: 'data', mib: 128, files: 55 },
] as const

/**
 * Puts `card.img`, its map and its packed forms into a folder, as links: making them takes minutes, so they are kept until this file changes,
 * and not where npm puts packages, which throws away what it does not know.
 */
export async function linkCards(folder: string): Promise<void> {
  const kept = join(root, '.tools', 'bench-cards')
  const made = join(kept, hash('sha256', readFileSync(import.meta.filename)).slice(0, 12))
  if (!statSync(made, { throwIfNoEntry: false })) {
    rmSync(kept, { recursive: true, force: true })
    const making = `${made}.new`
    mkdirSync(making, { recursive: true })
    await makeCards(making)
    renameSync(making, made)
  }
  for (const name of readdirSync(made).filter((each) => each.startsWith('card.img'))) symlinkSync(join(made, name), join(folder, name))
}

/** Makes `card.img`, sparse, its map by bmaptool, and what gzip, zstd and xz make of it. */
async function makeCards(folder: string): Promise<void> {
  const card = join(folder, 'card.img')
  writeFileSync(card, '')
  truncateSync(card, 1024 * MIB)
  let at = 8
  const lines: string[] = []
  for (const { name, mib, files } of PARTITIONS) {
    lines.push(`start=${at}MiB, size=${mib}MiB, type=${name === 'boot' ? 'U' : 'L'}, name=${name}`)
    const part = join(folder, 'part')
    await makeFileSystem(folder, part, { isFat: name === 'boot', mib, filesMib: files })
    execFileSync('dd', [`if=${part}`, `of=${card}`, 'bs=1M', `seek=${at}`, 'conv=notrunc,sparse', 'status=none'])
    at += mib
  }
  execFileSync('sfdisk', ['--quiet', card], { input: ['label: gpt', ...lines].join('\n') })
  execFileSync('bmaptool', ['create', card, '-o', join(folder, 'card.img.bmap')], { stdio: 'ignore' })
  const pack = (line: string) => execFileSync('sh', ['-ec', line], { cwd: folder })
  pack('gzip -6 -k -c card.img > card.img.gz')
  pack('zstd -q -6 -T0 card.img -o card.img.zst')
  pack('xz -1 -T2 -k -c card.img > card.img.xz')
}

async function makeFileSystem(folder: string, part: string, { isFat, mib, filesMib }: { isFat: boolean; mib: number; filesMib: number }) {
  const tree = join(folder, 'tree')
  execFileSync('rm', ['-rf', part, tree])
  mkdirSync(tree)
  let leftBytes = filesMib * MIB
  let count = 0
  for await (const path of glob(CONTENT)) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size > Math.min(leftBytes, LARGEST_BYTES)) continue
    leftBytes -= found.size
    count += 1
    copyFileSync(path, join(tree, `${count}-${basename(path)}`.slice(0, 60)))
  }
  if (isFat) {
    execFileSync('mkfs.vfat', ['-C', part, String(mib * 1024)], { stdio: 'ignore' })
    execFileSync('mcopy', ['-s', '-i', part, tree, '::'])
  } else execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, part, `${mib}M`])
}
