import { electronTargets } from './build.ts'
import { electronBinary } from './electron-runtime.ts'
import { attach, bin } from './program.ts'

const asRoot: Record<string, string> = process.getuid?.() === 0 ? { NO_SANDBOX: '1' } : {}
const env = { ...electronTargets, ...asRoot, ELECTRON_EXEC_PATH: await electronBinary(), OTABENCH_NODE: process.execPath }
process.exitCode = await attach(bin('electron-vite'), ['dev', ...process.argv.slice(2)], { env })
