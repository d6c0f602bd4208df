import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { capture, root } from '../../program.ts'

const locked = join(import.meta.dirname, 'etcher')
const prepared = join(root, '.tools', 'etcher-sdk')

/** The command that writes an image to a device with etcher-sdk, which is fetched for it the first time. */
export async function etcherCommand(image: string, device: string, deviceBytes: number): Promise<string[]> {
  if (!(await isPrepared())) await prepare()
  return [process.execPath, join(locked, 'flash.mjs'), join(prepared, 'node_modules'), image, device, String(deviceBytes)]
}

async function isPrepared(): Promise<boolean> {
  const lockOf = (folder: string): Promise<string> => readFile(join(folder, 'package-lock.json'), 'utf8')
  return existsSync(join(prepared, 'node_modules/etcher-sdk')) && (await lockOf(prepared)) === (await lockOf(locked))
}

/** No package's script is run, so that nothing is compiled, or fetched from elsewhere. */
async function prepare(): Promise<void> {
  await rm(prepared, { recursive: true, force: true })
  await mkdir(prepared, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) await copyFile(join(locked, file), join(prepared, file))
  const npm = join(root, '.tools/node/node_modules/npm/bin/npm-cli.js')
  const { code, output } = await capture(process.execPath, [npm, 'ci', '--ignore-scripts', '--omit=optional'], { cwd: prepared })
  if (code !== 0) throw new Error(`npm could not fetch etcher-sdk; it needs the registry once.\n${output.trim()}`)
}
