import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { readerOf } from '../lib/image-file.ts'
import { refuseUnstartable } from './can-start.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-can-start-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An ext4 of 8 MiB with these files; a number is e_machine of an ELF file, and what begins with > a link. */
function fileSystem(files: Readonly<Record<string, string | number>>): string {
  const tree = mkdtempSync(join(folder, 'tree-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    if (typeof content === 'string' && content.startsWith('>')) symlinkSync(content.slice(1), join(tree, path))
    else writeFileSync(join(tree, path), typeof content === 'string' ? content : elf(content))
  }
  const image = `${tree}.ext4`
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, image, '8M'])
  return image
}

function elf(machine: number): Buffer {
  const header = Buffer.alloc(64)
  header.write('\x7FELF', 'latin1')
  header.writeUInt16LE(machine, 18)
  return header
}

/** A card with these file systems in its partitions, of which this one is active. */
function card(fileSystems: readonly string[], active = 0): string {
  const path = join(folder, 'card.img')
  execFileSync('truncate', ['-s', `${1 + 8 * fileSystems.length}M`, path])
  const lines = fileSystems.map(
    (_, index) => `start=${2048 + index * 8 * 2048},size=${8 * 2048},type=83${index + 1 === active ? ',bootable' : ''}`,
  )
  execFileSync('/usr/sbin/sfdisk', ['-q', path], { input: ['label: dos', ...lines].join('\n'), stdio: 'pipe' })
  for (const [index, from] of fileSystems.entries())
    execFileSync('dd', [`if=${from}`, `of=${path}`, 'bs=1M', `seek=${1 + 8 * index}`, 'conv=notrunc', 'status=none'])
  return path
}

async function refusal(path: string): Promise<unknown> {
  await using file = await nodeHost().files.open(path, 'read')
  return await refuseUnstartable({ read: readerOf(file), sizeBytes: await file.sizeBytes(), name: 'mine.img' }).then(
    () => null,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : thrown),
  )
}

const ARM64 = { 'bin/busybox': 0xb7 }
const NOTHING = 'neither boot.scr nor extlinux.conf nor EFI/BOOT/BOOTAA64.EFI'

describe('an image that is to be a virtual board', () => {
  it.each(['boot.scr', 'boot/boot.scr.uimg', 'extlinux/extlinux.conf', 'boot/extlinux/extlinux.conf', 'efi/boot/bootaa64.efi'])(
    'may start by %s on its first partition',
    async (path) => {
      expect(await refusal(card([fileSystem({ [path]: 'x' }), fileSystem(ARM64)]))).toBeNull()
    },
  )

  it('starts from the partition that is active, and from no other', async () => {
    const [boot, root] = [fileSystem({ 'boot.scr': 'x' }), fileSystem(ARM64)]
    expect(await refusal(card([root, boot], 2))).toBeNull()
    expect(await refusal(card([boot, root], 2))).toBe(`U-Boot finds nothing to start on mine.img: partition 2 has ${NOTHING}`)
    expect(await refusal(card([root, boot]))).toBe(`U-Boot finds nothing to start on mine.img: partition 1 has ${NOTHING}`)
  })

  it.each([
    [0x28, '32-bit ARM'],
    [0x3e, 'x86-64'],
    [0xf3, 'RISC-V'],
  ])('is none where its programs are for another machine: e_machine %i', async (machine, name) => {
    const root = fileSystem({ 'bin/busybox': machine })
    expect(await refusal(card([fileSystem({ 'boot.scr': 'x' }), root]))).toBe(
      `The programs on partition 2 of mine.img are for ${name}, and virtual boards are arm64`,
    )
  })

  it('is judged by the first of its programs that is no script, also behind links', async () => {
    const root = fileSystem({ 'sbin/init': '#!/bin/sh\n', 'usr/bin/busybox': 0x3e, 'bin/sh': '>/usr/bin/busybox', 'bin/busybox': '>/none' })
    expect(await refusal(card([fileSystem({ 'boot.scr': 'x' }), root]))).toContain('x86-64')
  })

  it('needs partitions', async () => {
    expect(await refusal(fileSystem({ 'boot.scr': 'x' }))).toBe('mine.img is no card image: it has no partitions')
    copyFileSync('/dev/null', join(folder, 'empty'))
    expect(await refusal(join(folder, 'empty'))).toBe('mine.img is no card image: it has no partitions')
  })
})
