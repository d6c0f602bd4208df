import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Real packages, by dpkg-deb and rpmbuild. */

const CONTROL = 'Package: bench-tool\nVersion: 2:1.0+b1~rc2\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: a test\n'
const SPEC = `Name: bench-tool
Version: 1.0
Release: 3
Summary: a test
License: none
BuildArch: noarch
%description
a test
%files
`

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-packages-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A Debian package, its archives packed by `packer`, with these files in it. */
export function builtDeb(packer: 'gzip' | 'xz' | 'none' | 'zstd', files: Readonly<Record<string, string>> = {}): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    await mkdir(join(folder, 'deb/DEBIAN'), { recursive: true })
    await writeFile(join(folder, 'deb/DEBIAN/control'), CONTROL)
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, 'deb', path, '..'), { recursive: true })
      await writeFile(join(folder, 'deb', path), text)
    }
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${packer}`, '-b', 'deb', 'a.deb'], { cwd: folder, stdio: 'pipe' })
    return readFile(join(folder, 'a.deb'))
  })
}

/** An RPM package, and the one of its sources. */
export function builtRpms(): Promise<{ rpm: Uint8Array; sourceRpm: Uint8Array }> {
  return inFolder(async (folder) => {
    await writeFile(join(folder, 'tool.spec'), SPEC)
    execFileSync('rpmbuild', ['-ba', '--define', `_topdir ${folder}`, 'tool.spec'], { cwd: folder, stdio: 'pipe' })
    const only = async (kind: string) => readFile(join(folder, kind, (await readdir(join(folder, kind)))[0] ?? 'none'))
    return { rpm: await only('RPMS/noarch'), sourceRpm: await only('SRPMS') }
  })
}

export async function builtPackages(): Promise<{ deb: Uint8Array; rpm: Uint8Array }> {
  const { rpm } = await builtRpms()
  return { deb: await builtDeb('xz'), rpm }
}
