import { t } from '@lingui/core/macro'
import { AppError, toAppError } from '@contract/errors.ts'
import { toBase64 } from './base64.ts'

const SESSION = '/ui/session'

/** Whether this browser is logged in. Throws when nobody answers. */
export async function hasSession(): Promise<boolean> {
  const token = printedToken()
  if (token !== null) await fetch(SESSION, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  return (await fetch(SESSION)).ok
}

/** The token of the address that the server has printed, taken out of the address bar. */
function printedToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (token !== null) window.history.replaceState(null, '', window.location.pathname)
  return token
}

/** LOGIN_REFUSED for a wrong name or password. */
export async function logIn(name: string, password: string): Promise<void> {
  const authorization = `Basic ${toBase64(`${name}:${password}`)}`
  const answer = await fetch(SESSION, { method: 'POST', headers: { authorization } }).catch((thrown: unknown) => {
    throw new AppError('DEVICE_UNREACHABLE', t`The server does not answer`, t`See whether it still runs.`, toAppError(thrown))
  })
  if (!answer.ok) throw new AppError('LOGIN_REFUSED', sentenceOf(await answer.json().catch(() => null)) ?? t`HTTP status ${answer.status}`)
}

/** What the server says of a failure, with what to do about it. */
function sentenceOf(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string' ? body.error : null
}

/** Ends this browser's session; the server then closes the connection. */
export async function logOut(): Promise<void> {
  await fetch(SESSION, { method: 'DELETE' })
}
