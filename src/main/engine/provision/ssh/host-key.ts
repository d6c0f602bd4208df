import { createHash } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'

/** The key that a host had when it was first seen. */
export interface PinnedKey {
  /** SHA-256 as OpenSSH writes it: `SHA256:…`. */
  fingerprint: string
  algorithm: string
}

export interface HostKeys {
  /** null for a host that was never seen. */
  get(place: string): PinnedKey | null
  pin(place: string, key: PinnedKey): void
}

/** As OpenSSH shows a key, from its wire form. */
export function describeHostKey(key: Uint8Array): PinnedKey {
  const length = Buffer.from(key).readUInt32BE(0)
  const algorithm = Buffer.from(key.subarray(4, 4 + length)).toString('latin1')
  return { algorithm, fingerprint: `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}` }
}

interface Judged {
  place: string
  shown: PinnedKey
  /** The fingerprint that a person says is the right one. */
  expected: string | null
}

/** Pins a key at first sight, or the one that was said to be right. Answers why the connection is refused, else null. */
export function judgeHostKey(keys: HostKeys, { place, shown, expected }: Judged): AppError | null {
  const pinned = keys.get(place)
  if (expected !== null && expected !== shown.fingerprint)
    return new AppError(
      'HOST_KEY_CHANGED',
      `${place} shows the host key ${shown.fingerprint}, and ${expected} was expected`,
      'Compare it on the board: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    )
  if (expected === null && pinned !== null && pinned.fingerprint !== shown.fingerprint)
    return new AppError(
      'HOST_KEY_CHANGED',
      `The host key of ${place} has changed: it was ${pinned.fingerprint} (${pinned.algorithm}), and is ${shown.fingerprint} (${shown.algorithm}) now`,
      `If the board was installed anew, accept the new one with --host-key ${shown.fingerprint}. Otherwise somebody stands in between.`,
    )
  if (pinned?.fingerprint !== shown.fingerprint) keys.pin(place, shown)
  return null
}
