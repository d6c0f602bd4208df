import { type UserRole, roleNeeded } from '../../contract/roles.ts'
import type { TokenScope } from '../../contract/tokens.ts'

/** What an operation is about. `server` is everything that nobody gets by a scope to write. */
export type Area = 'artifacts' | 'deployments' | 'devices' | 'server'
export type Access = 'read' | 'write'

export interface Need {
  /** null: whoever is logged in may. */
  area: Area | null
  access: Access
}

/** Whether a token of these scopes may; one without scopes may everything. */
export function isAllowed(scopes: readonly TokenScope[], { area, access }: Need): boolean {
  if (scopes.length === 0 || area === null) return true
  const has = (scope: string): boolean => scopes.some((each) => each === scope)
  if (has(`${area}:write`)) return true
  return access === 'read' && (has('*:read') || has(`${area}:read`))
}

const CONTRACT_AREAS: Readonly<Record<string, Area>> = {
  ...{ artifacts: 'artifacts', comparisons: 'artifacts', jobs: 'artifacts' },
  ...{ deployments: 'deployments' },
  // Terminals, consoles and files of devices and boards are opened by no scope.
  ...{ devices: 'devices', groups: 'devices', simulated: 'devices', discovery: 'devices', topology: 'devices' },
}

/** What an operation of the contract needs, by the name of its group. */
export function needOfOperation(group: string, isRead: boolean): Need {
  return { area: CONTRACT_AREAS[group] ?? 'server', access: isRead ? 'read' : 'write' }
}

/** Paths of the management API after their version, by what they are about: the first that fits decides. */
const PATHS: readonly [RegExp, Area | null][] = [
  [/^deployments\/(artifacts|releases|deployments\/releases|limits)(\/|$)/, 'artifacts'],
  [/^deployments\//, 'deployments'],
  [/^deviceconnect\/.*\/(connect|download|upload|playback)$/, 'server'],
  [/^(devauth|inventory|deviceconfig|deviceconnect)\//, 'devices'],
]
/** What is asked with another method than GET although it changes nothing. */
const READS = /^POST .*(\/search|\/statistics\/list)$/
/** Terminals and files of devices are more than reading, whatever the method, and no scope opens them. */
const REACHES_IN = /^GET deviceconnect\/.*\/(connect|download|playback)$/

/** What a request to the management API needs; `path` is that of the route behind its version. */
export function needOfRequest(method: string, path: string): Need {
  if (method === 'GET' && path === 'useradm/users/me') return { area: null, access: 'read' }
  if (path === 'useradm/auth/logout') return { area: null, access: 'write' }
  const area = PATHS.find(([pattern]) => pattern.test(path))?.[1] ?? 'server'
  const line = `${method} ${path}`
  const isRead = (method === 'GET' || method === 'HEAD' || READS.test(line)) && !REACHES_IN.test(line)
  return { area, access: isRead ? 'read' : 'write' }
}

/** Paths of the management API by the group of operations that they do the same as: the first that fits decides. */
const GROUPS: readonly [RegExp, string][] = [
  [/^useradm\/(users\/me|auth\/logout|settings\/me)$/, 'account'],
  [/^useradm\/settings\/tokens(\/|$)/, 'tokens'],
  [/^useradm\/users(\/|$)/, 'users'],
  [/^auditlogs\//, 'audit'],
  // What devices are configured with may be a secret.
  [/^(deviceconfig\/|deviceconnect\/.*\/(connect|download|upload|playback)$)/, 'remote'],
]

/** The least role for a request to the management API; `path` is that of the route behind its version. */
export function roleOfRequest(method: string, path: string): UserRole {
  const { area, access } = needOfRequest(method, path)
  const group = GROUPS.find(([pattern]) => pattern.test(path))?.[1] ?? area ?? 'account'
  return roleNeeded(group, access === 'read' ? 'read' : 'order')
}
