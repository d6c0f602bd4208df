import { createPrivateKey } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'

const TYPE = 'ssh-ed25519'

/** An Ed25519 key (PKCS#8) as dropbear keeps it: its type, then the private and the public half in one string. BAD_INPUT for others. */
export function dropbearKey(pem: string): Buffer {
  const { d: secret, x: open } = ed25519Of(pem)
  return Buffer.concat([sshString(Buffer.from(TYPE)), sshString(Buffer.concat([half(secret), half(open)]))])
}

/** The public half as a line of known_hosts without its host. */
export function hostKeyLine(pem: string): string {
  const open = half(ed25519Of(pem).x)
  return `${TYPE} ${Buffer.concat([sshString(Buffer.from(TYPE)), sshString(open)]).toString('base64')}`
}

function ed25519Of(pem: string) {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new AppError('BAD_INPUT', `The SSH key of a board is Ed25519, not ${key.asymmetricKeyType}`, 'Make another one.')
  return key.export({ format: 'jwk' })
}

function half(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url')
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
