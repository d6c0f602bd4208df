import { join } from 'node:path'
import type { SshLogin } from '../../../contract/provision.ts'
import type { Host } from '../../host.ts'
import { readWhole } from '../../lib/file-streams.ts'
import type { SshHop } from './connect.ts'

type Machine = Pick<Host, 'files' | 'machine'>

/** What a login names, read. */
export async function hopOf({ keys, hasUsualKeys, agent, ...login }: SshLogin, host: Machine): Promise<SshHop> {
  const named = keys.map(async ({ path, passphrase }) => ({
    pem: new TextDecoder().decode(await readWhole(host.files, path)),
    ...(passphrase === undefined ? {} : { passphrase }),
  }))
  const usual = hasUsualKeys ? await usualKeys(host) : []
  const usualAgent = hasUsualKeys ? host.machine.environment('SSH_AUTH_SOCK') || null : null
  return { ...login, keys: [...(await Promise.all(named)), ...usual], agent: agent ?? usualAgent, askPassword: null }
}

/** The keys that lie where ssh keeps them and need no passphrase. */
export async function usualKeys({ files, machine }: Machine): Promise<{ pem: string }[]> {
  const folder = join(machine.environment('HOME') ?? '/', '.ssh')
  const keys: { pem: string }[] = []
  for (const name of ['id_ed25519', 'id_ecdsa', 'id_rsa']) {
    const path = `${folder}/${name}`
    const pem = (await files.stat(path)) ? new TextDecoder().decode(await readWhole(files, path)) : ''
    if (pem !== '' && !isLockedKey(pem)) keys.push({ pem })
  }
  return keys
}

/** OpenSSH's own form names its cipher behind the magic; others say ENCRYPTED. */
export function isLockedKey(pem: string): boolean {
  if (!pem.includes('BEGIN OPENSSH PRIVATE KEY')) return pem.includes('ENCRYPTED')
  const bytes = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const start = 'openssh-key-v1\0'.length
  return bytes.toString('latin1', start + 4, start + 4 + bytes.readUInt32BE(start)) !== 'none'
}
