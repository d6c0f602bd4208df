import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MKE2FS_ENV } from '../../engine/image/test-images.cases.ts'
import { type Run, runArtifactLine } from './run-line.cases.ts'

const MIB = 1 << 20

/** A folder with a root file system, images of it, and the tools of other people to look at what became of them. */
export class ImageShop implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'otabench-change-'))

  constructor() {
    mkdirSync(this.path('tree/etc/mender/deep/er'), { recursive: true })
    mkdirSync(this.path('tree/var/empty'), { recursive: true })
    writeFileSync(this.path('tree/etc/hostname'), 'board\n', { mode: 0o644 })
    writeFileSync(this.path('tree/etc/mender/artifact_info'), 'artifact_name=release-1\n')
    writeFileSync(this.path('tree/etc/mender/mender.conf'), '{\n  "ServerURL": "https://old",\n  "Other": [1, 2]\n}\n')
    writeFileSync(this.path('tree/etc/mender/deep/er/file'), 'x')
    symlinkSync('hostname', this.path('tree/etc/link'))
    writeFileSync(this.path('motd'), 'welcome\n', { mode: 0o640 })
    writeFileSync(this.path('large'), Buffer.alloc(3 * MIB, 'more than 32 KiB '), { mode: 0o755 })
    this.tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', 'tree', 'rootfs.ext4', '16M')
    this.tool('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'key.pem')
    this.tool('openssl', 'pkey', '-in', 'key.pem', '-pubout', '-out', 'key.pub')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name))
  }

  tool(program: string, ...args: string[]): string {
    return execFileSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: MKE2FS_ENV,
      maxBuffer: 1 << 26,
    })
  }

  run(line: string, options: { signal?: AbortSignal; isJson?: boolean } = {}): Promise<Run> {
    return runArtifactLine(`artifact ${line}`, { cwd: this.folder, ...options })
  }

  /** Runs a line that must go well. */
  async succeed(line: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(line)
    if (exitCode !== 0) throw new Error(`${line}\n${stderr}`)
    return stdout
  }

  /** An artifact of the root file system; `more` are flags of write. */
  async write(name: string, more = ''): Promise<void> {
    await this.succeed(`write rootfs-image -f rootfs.ext4 -n release-1 -t board -o ${name}${more}`)
  }

  /** What mender-artifact unpacks of an artifact, after e2fsck has found no fault in it. */
  payload(name: string): string {
    const out = this.path(`${name}-payload`)
    rmSync(out, { recursive: true, force: true })
    this.tool('mender-artifact', 'dump', name, '--files', out)
    this.tool('/usr/sbin/e2fsck', '-fn', join(out, 'rootfs.ext4'))
    return join(out, 'rootfs.ext4')
  }

  /** All that debugfs says of the files of an ext image: paths, modes, owners, sizes and content. */
  treeOf(image: string): string {
    const out = this.path('rdump')
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out)
    this.tool('/usr/sbin/debugfs', '-R', `rdump / ${out}`, image)
    const facts = execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %l\n'], { cwd: out, encoding: 'utf8' })
    const sums = execFileSync('find', ['.', '-type', 'f', '-exec', 'sha256sum', '{}', '+'], { cwd: out, encoding: 'utf8' })
    return [...facts.split('\n'), ...sums.split('\n')].toSorted().join('\n')
  }

  /** A card with four partitions: FAT, two root file systems, data. */
  card(name: string, label: 'dos' | 'gpt'): void {
    writeFileSync(this.path(name), '')
    truncateSync(this.path(name), 60 * MIB)
    const script = `label: ${label}\nstart=2048, size=8M\nsize=16M\nsize=16M\nsize=8M`
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', this.path(name)], { input: script })
    rmSync(this.path('part'), { force: true })
    this.tool('/usr/sbin/mkfs.vfat', '-C', '-n', 'BOOT', 'part', '8192')
    this.#place(name, 1)
    this.tool('cp', 'rootfs.ext4', 'part')
    this.#place(name, 9)
    this.#place(name, 25)
    this.tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', 'part', '8M')
    this.#place(name, 41)
  }

  /** A partition of such a card as a file of its own, after a checker has found no fault in it. */
  partition(name: string, number: 1 | 2 | 3 | 4): string {
    const [at, length] = [
      [1, 8],
      [9, 16],
      [25, 16],
      [41, 8],
    ][number - 1] ?? [0, 0]
    const part = this.path(`${name}.${number}`)
    this.tool('dd', `if=${this.path(name)}`, `of=${part}`, 'bs=1M', `skip=${at}`, `count=${length}`, 'status=none')
    if (number === 1) this.tool('/usr/sbin/fsck.vfat', '-n', part)
    else this.tool('/usr/sbin/e2fsck', '-fn', part)
    return part
  }

  #place(name: string, at: number): void {
    this.tool('dd', 'if=part', `of=${name}`, 'bs=1M', `seek=${at}`, 'conv=notrunc', 'status=none')
    rmSync(this.path('part'), { force: at === 1 || at === 41 })
    if (at === 9) this.tool('cp', 'rootfs.ext4', 'part')
  }
}
