/** What is typed to log in over SSH. */
export interface SshLogin {
  host: string
  port: string
  user: string
  password: string
  keyPath: string
  jump: string
  hasUsualKeys: boolean
  /** The one that is right, as `SHA256:…`; empty where nobody knows it. */
  hostKey: string
}

export const EMPTY_LOGIN: SshLogin = {
  ...{ host: '', port: '22', user: 'root', password: '', keyPath: '', jump: '', hasUsualKeys: true },
  hostKey: '',
}
const JUMP = /^(?<user>[^@/\s:-][^@/\s:]*)@(?<host>[^-@:/\s][^@:/\s]*)(?::(?<port>\d{1,5}))?$/

/** Whether a jump host is said in a way that is understood; none is fine. */
export const isJump = (text: string): boolean => text === '' || JUMP.test(text)

/** Whether there is enough to try it. */
export const isWhole = ({ host, port, user, jump }: SshLogin): boolean =>
  host.trim() !== '' && user.trim() !== '' && /^\d{1,5}$/.test(port) && isJump(jump)

/** The hops of a login, the jump host first. */
export function hopsOf({ host, port, user, password, keyPath, jump, hasUsualKeys, hostKey }: SshLogin) {
  const shared = { hasUsualKeys, keys: keyPath === '' ? [] : [{ path: keyPath }] }
  const known = hostKey === '' ? {} : { hostKey }
  const board = {
    ...shared,
    ...known,
    host: host.trim(),
    port: Number(port),
    user: user.trim(),
    password: password === '' ? null : password,
  }
  const through = JUMP.exec(jump)?.groups
  if (through === undefined) return [board]
  return [{ ...shared, host: through['host'] ?? '', port: Number(through['port'] ?? 22), user: through['user'] ?? '' }, board]
}
