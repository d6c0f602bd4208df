// ./run without a command: the app, and the server with its page where no window can be opened.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { electronBinary, lacks } from './electron-runtime.ts'
import { attach, root } from './program.ts'

/** Why no window can be opened here, before any Electron is asked; null when nothing speaks against it. */
export function noScreen(platform: NodeJS.Platform, env: Record<string, string | undefined>): string | null {
  if (platform !== 'linux' || env['WAYLAND_DISPLAY']) return null
  if (!env['DISPLAY']) return 'There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.'
  const local = /^:(\d+)/.exec(env['DISPLAY'])
  if (local && !existsSync(`/tmp/.X11-unix/X${local[1]}`)) return `DISPLAY is ${env['DISPLAY']}, but no X server runs there.`
  return null
}

/** The Electron to open the app with, or why it cannot be opened. */
async function window(): Promise<{ binary: string } | { why: string }> {
  const why = noScreen(process.platform, process.env)
  if (why) return { why }
  try {
    const binary = await electronBinary()
    const missing = await lacks(binary)
    if (missing.length === 0) return { binary }
    return { why: `The app's window needs libraries that are missing. Install them with:\n  sudo apt-get install ${missing.join(' ')}` }
  } catch (thrown) {
    return { why: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

function openApp(binary: string, args: readonly string[]): Promise<number> {
  // Chromium's sandbox refuses to run as root
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return attach(binary, [...flags, root, ...args], { env: { OTABENCH_NODE: process.execPath } })
}

async function main([asked, ...args]: readonly string[]): Promise<number> {
  const found = await window()
  if ('binary' in found) {
    const began = performance.now()
    const code = await openApp(found.binary, args)
    // a window that never came up is no reason to fail, unless the app was asked for by name
    if (code === 0 || asked === 'app' || performance.now() - began > 5000) return code
    console.error(`Electron ended at once, with code ${code}.`)
    // the engine that it had begun to start lets go of the data folder
    await delay(2000)
  } else {
    console.error(found.why)
  }
  if (asked === 'app') return 1
  console.error('Starting without a window: the server, and its page for a browser. (./run app insists on the window.)')
  return attach(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', '--ui'])
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
