import { execFileSync } from 'node:child_process'
import type { ElectronApplication } from '@playwright/test'

/** Kills the engine of an app, as a crash would. */
export function killEngine(electron: ElectronApplication): void {
  const main = electron.process().pid ?? 0
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(main)], { encoding: 'utf8' })
  const engine = children.split('\n').find((line) => line.includes('engine.js'))
  process.kill(Number.parseInt(engine ?? '', 10), 'SIGKILL')
}
