import { randomUUID } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { SigningKey } from '../../contract/keys.ts'
import { describePublicKey, generateKeyPair, publicOf } from '../artifact/keys.ts'
import type { Host } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import type { Store } from '../store/open.ts'

/** Signing keys: public facts in the database, private halves in files of mode 0600 that nothing but signing reads. */
export interface KeyRing {
  list(): SigningKey[]
  generate(name: string, algorithm: 'rsa-3072' | 'rsa-4096' | 'p256'): Promise<SigningKey>
  import(name: string, pem: string): Promise<SigningKey>
  remove(id: string): Promise<void>
  /** The private key as PEM; KEY_MISSING when only the public half is here. */
  privatePem(id: string): Promise<string>
}

interface Parts {
  store: Store
  host: Host
  folder: string
}

const encode = (text: string) => new TextEncoder().encode(text)

/** The key ring kept in `folder`. */
export function createKeyRing({ store, host, folder }: Parts): KeyRing {
  const fileOf = (id: string) => `${folder}/${id}.pem`

  async function add(name: string, publicKeyPem: string, privateKeyPem: string | null): Promise<SigningKey> {
    const described = describePublicKey(publicKeyPem)
    const twin = store.keys.list().find((key) => key.name === name || key.fingerprint === described.fingerprint)
    if (twin?.name === name) throw new AppError('CONFLICT', `There is a key called "${name}" already`, 'Choose another name.')
    if (twin) throw new AppError('CONFLICT', `This key is here already, called "${twin.name}"`, 'Use that one, or remove it first.')
    const key: SigningKey = { id: randomUUID(), name, ...described, hasPrivateKey: privateKeyPem !== null, createdAt: host.clock.now() }
    if (privateKeyPem !== null) {
      await host.files.makeFolder(folder)
      await writeAtomic(host.files, fileOf(key.id), encode(privateKeyPem), 0o600)
    }
    store.keys.add(key)
    return key
  }

  return {
    list: () => store.keys.list(),
    async generate(name, algorithm) {
      const { publicKeyPem, privateKeyPem } = await generateKeyPair(algorithm)
      return add(name, publicKeyPem, privateKeyPem)
    },
    import: (name, pem) => (pem.includes('PRIVATE KEY') ? add(name, publicOf(pem), pem) : add(name, pem, null)),
    async remove(id) {
      if (!store.keys.get(id)) throw new AppError('NOT_FOUND', `There is no key ${id}`, 'See the list of keys.')
      store.keys.remove(id)
      await host.files.remove(fileOf(id))
    },
    async privatePem(id) {
      const key = store.keys.get(id)
      if (!key?.hasPrivateKey)
        throw new AppError('KEY_MISSING', `The private half of key ${key?.name ?? id} is not here`, 'Import the private key.')
      return new TextDecoder().decode(await readWhole(host.files, fileOf(id)))
    },
  }
}
