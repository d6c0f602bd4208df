import { randomUUID } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { KeyProtection, SigningKey } from '../../contract/keys.ts'
import { describePublicKey, generateKeyPair, openedPem, publicOf } from '../artifact/keys.ts'
import type { Host } from '../host.ts'
import type { Store } from '../store/open.ts'
import { PrivateHalves } from './private-halves.ts'
import type { Keychain } from './seal.ts'

/** Signing keys: public facts in the database, private halves in files of mode 0600 that nothing but signing reads. */
export interface KeyRing {
  list(): SigningKey[]
  generate(name: string, algorithm: 'rsa-3072' | 'rsa-4096' | 'p256'): Promise<SigningKey>
  /** A private key that is encrypted wants its passphrase: KEY_MISSING without it. */
  import(name: string, pem: string, passphrase?: string): Promise<SigningKey>
  rename(id: string, name: string): SigningKey
  remove(id: string): Promise<void>
  /** The private key as PEM; KEY_MISSING when only the public half is here, or it is sealed and its keychain is not open. */
  privatePem(id: string): Promise<string>
  /** Seals with this keychain from now on, and what lies there in the clear too. null: there is none, and `why`. */
  protect(keychain: Keychain | null, why: string): Promise<void>
  protection(): Promise<KeyProtection>
}

interface Parts {
  store: Store
  host: Host
  folder: string
}

/** The key ring kept in `folder`. */
export function createKeyRing({ store, host, folder }: Parts): KeyRing {
  const halves = new PrivateHalves(host.files, folder)
  const withPrivate = () => store.keys.list().filter(({ hasPrivateKey }) => hasPrivateKey)

  async function add(name: string, publicKeyPem: string, privateKeyPem: string | null): Promise<SigningKey> {
    const described = describePublicKey(publicKeyPem)
    const twin = store.keys.list().find((key) => key.name === name || key.fingerprint === described.fingerprint)
    if (twin?.name === name) throw nameTaken(name)
    if (twin) throw new AppError('CONFLICT', `This key is here already, called "${twin.name}"`, 'Use that one, or remove it first.')
    const key: SigningKey = { id: randomUUID(), name, ...described, hasPrivateKey: privateKeyPem !== null, createdAt: host.clock.now() }
    if (privateKeyPem !== null) await halves.write(key.id, privateKeyPem)
    store.keys.add(key)
    return key
  }

  return {
    list: () => store.keys.list(),
    async generate(name, algorithm) {
      const { publicKeyPem, privateKeyPem } = await generateKeyPair(algorithm)
      return add(name, publicKeyPem, privateKeyPem)
    },
    async import(name, pem, passphrase) {
      if (!pem.includes('PRIVATE KEY')) return add(name, pem, null)
      const opened = openedPem(pem, passphrase)
      return add(name, publicOf(opened), opened)
    },
    rename(id, name) {
      const key = known(store, id)
      if (store.keys.list().some((each) => each.name === name && each.id !== id)) throw nameTaken(name)
      store.keys.rename(id, name)
      return { ...key, name }
    },
    async remove(id) {
      known(store, id)
      store.keys.remove(id)
      await halves.remove(id)
    },
    async privatePem(id) {
      const key = store.keys.get(id)
      if (key?.hasPrivateKey) return halves.read(key)
      throw new AppError('KEY_MISSING', `The private half of key ${key?.name ?? id} is not here`, 'Import the private key.')
    },
    async protect(keychain, why) {
      const ids = withPrivate().map(({ id }) => id)
      await halves.protect(keychain, why, ids)
      store.changes.keys.bump()
    },
    async protection() {
      const { name, why } = halves.keychain
      const locked: string[] = []
      for (const key of withPrivate()) await halves.read(key).catch(() => locked.push(key.name))
      return { keychain: name, why, locked }
    },
  }
}

function nameTaken(name: string): AppError {
  return new AppError('CONFLICT', `There is a key called "${name}" already`, 'Choose another name.')
}

function known(store: Store, id: string): SigningKey {
  const key = store.keys.get(id)
  if (!key) throw new AppError('NOT_FOUND', `There is no key ${id}`, 'See the list of keys.')
  return key
}
