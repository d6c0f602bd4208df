import { AppError } from '../../contract/errors.ts'
import type { SigningKey } from '../../contract/keys.ts'
import type { Files } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { type Keychain, isSealed, seal, unseal } from './seal.ts'

const NO_KEYCHAIN = 'Only the app reaches the keychain; this engine was started without it.'

/** The private halves of keys: a file of mode 0600 each, sealed while a keychain is open. */
export class PrivateHalves {
  readonly #files: Files
  readonly #folder: string
  #keychain: Keychain | null = null
  #why = NO_KEYCHAIN

  constructor(files: Files, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /** What seals them; null when nothing does, and why. */
  get keychain(): { name: string | null; why: string } {
    return { name: this.#keychain?.name ?? null, why: this.#why }
  }

  async write(id: string, pem: string): Promise<void> {
    await this.#files.makeFolder(this.#folder)
    const text = this.#keychain ? seal(pem, this.#keychain, id) : pem
    await writeAtomic(this.#files, this.#path(id), new TextEncoder().encode(text), 0o600)
  }

  /** The PEM; KEY_MISSING when it is sealed, and its keychain is not the one that is open. */
  async read({ id, name }: Pick<SigningKey, 'id' | 'name'>): Promise<string> {
    const text = await this.#text(id)
    if (!isSealed(text)) return text
    if (this.#keychain) return unseal(text, this.#keychain, id)
    const hint = 'Sign in the app, on the desktop where the key was made; or remove the key here and import its PEM file again.'
    throw new AppError('KEY_MISSING', `The private half of key ${name} is sealed, and its keychain is not open here`, hint)
  }

  remove(id: string): Promise<void> {
    return this.#files.remove(this.#path(id))
  }

  /** Seals with this keychain from now on, and those of `ids` that lie there in the clear. null: there is none, and `why`. */
  async protect(keychain: Keychain | null, why: string, ids: readonly string[]): Promise<void> {
    this.#keychain = keychain
    this.#why = keychain ? '' : why
    for (const id of keychain ? ids : []) {
      if (!(await this.#files.stat(this.#path(id)))) continue
      const text = await this.#text(id)
      if (!isSealed(text)) await this.write(id, text)
    }
  }

  async #text(id: string): Promise<string> {
    return new TextDecoder().decode(await readWhole(this.#files, this.#path(id)))
  }

  #path(id: string): string {
    return `${this.#folder}/${id}.pem`
  }
}
