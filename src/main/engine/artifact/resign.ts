import { ByteReader } from './byte-reader.ts'
import { invalid } from './invalid.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { parseManifest } from './manifest.ts'
import { memoryEntry } from './tar-header.ts'
import { TarReader } from './tar-read.ts'
import { tarEntry } from './tar-write.ts'

/** Where in an artifact's bytes a signature stands or belongs. Everything from `restStartsAt` on stays as it is. */
export interface SignaturePlace {
  /** The raw bytes that a signature covers. */
  manifest: Uint8Array
  isSigned: boolean
  /** End of the manifest's last block: manifest.sig begins here. */
  signatureStartsAt: number
  /** Where the entry after manifest.sig begins; equal to `signatureStartsAt` in an unsigned artifact. */
  restStartsAt: number
}

/** Finds the place of the signature by reading the first entries. ARTIFACT_INVALID when these are not an artifact's. */
export async function findSignature(chunks: AsyncIterable<Uint8Array>): Promise<SignaturePlace> {
  const bytes = new ByteReader(chunks, 'artifact')
  const tar = new TarReader(bytes, DEFAULT_LIMITS.pax)
  const expect = async (name: string): Promise<Uint8Array> => {
    if ((await tar.next())?.name !== name) throw invalid(`artifact: ${name} is missing`)
    return tar.contentWhole(DEFAULT_LIMITS.manifest)
  }
  try {
    await expect('version')
    const manifest = await expect('manifest')
    parseManifest(manifest)
    const signatureStartsAt = bytes.position
    const next = await tar.next()
    if (next?.name !== 'manifest.sig') return { manifest, isSigned: false, signatureStartsAt, restStartsAt: signatureStartsAt }
    await tar.contentWhole(DEFAULT_LIMITS.signature)
    return { manifest, isSigned: true, signatureStartsAt, restStartsAt: bytes.position }
  } finally {
    await bytes.close()
  }
}

/** The entry manifest.sig around a signature in base64, with the mode that `mender-artifact sign` gives it. */
export function signatureEntry(signature: string): Uint8Array {
  return tarEntry(memoryEntry('manifest.sig', 0, 0o644), new TextEncoder().encode(signature))
}
