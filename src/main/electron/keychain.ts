import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is used of Electron's `safeStorage`. */
export interface SafeStorage {
  isEncryptionAvailable(): boolean
  /** Linux alone knows several. */
  getSelectedStorageBackend?: () => string
  encryptString(text: string): Buffer
  decryptString(encrypted: Buffer): string
}

/** What the engine hears of the keychain: what it is called and the key to wrap with, in base64; or why there is none. */
export type KeychainMessage = { kind: 'keychain'; name: string; wrappingKey: string } | { kind: 'no-keychain'; why: string }

const NAMES: Readonly<Record<string, string>> = {
  gnome_libsecret: 'the GNOME keyring',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
  darwin: 'the macOS keychain',
  win32: 'Windows (DPAPI)',
}

/**
 * Opens the random key in `file`, which the system's keychain seals, and makes it when there is none. `basic_text` of Linux seals with a
 * password that everybody knows: that is no keychain.
 */
export async function openKeychain(safe: SafeStorage, file: string, platform: string): Promise<KeychainMessage> {
  const backend = platform === 'linux' ? (safe.getSelectedStorageBackend?.() ?? 'unknown') : platform
  if (!safe.isEncryptionAvailable() || backend === 'basic_text' || backend === 'unknown')
    return { kind: 'no-keychain', why: 'This desktop has no keychain (GNOME keyring or KWallet).' }
  const name = NAMES[backend] ?? backend
  const kept = await readFile(file).catch(() => null)
  try {
    if (kept) return { kind: 'keychain', name, wrappingKey: safe.decryptString(kept) }
    const wrappingKey = randomBytes(32).toString('base64')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, safe.encryptString(wrappingKey), { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
    return { kind: 'keychain', name, wrappingKey }
  } catch {
    // The file stays: the keychain that made it may come back, and with it the keys.
    return { kind: 'no-keychain', why: `${name} is locked, or is not the one that sealed the keys.` }
  }
}
