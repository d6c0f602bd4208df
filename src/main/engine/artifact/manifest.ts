import { invalid, quoted } from './invalid.ts'

/** SHA-256 in lower hex by entry name, in the order of the file. */
export type Manifest = ReadonlyMap<string, string>

const LINE = /^([0-9a-f]{64}) {2}([!-~]+)$/

/** The bytes of `manifest` and `manifest-augment`: `HEX  NAME\n` a line (mender-artifact format, "manifest"). */
export function formatManifest(sums: Manifest): Uint8Array {
  return new TextEncoder().encode([...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(''))
}

/**
 * Reads a manifest. Only the one spelling is accepted in which it would be written again, because the signature covers these bytes
 * and readers differ in what they make of others. ARTIFACT_INVALID names the line.
 */
export function parseManifest(bytes: Uint8Array, entryName = 'manifest', maxLines = 10_000): Manifest {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n')
  if (lines.pop() !== '') throw invalid(`${entryName}: the last line does not end with a newline`)
  if (lines.length > maxLines) throw invalid(`${entryName}: ${lines.length} lines are more than the ${maxLines} that are accepted`)
  const sums = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    const [, sum, name] = LINE.exec(line) ?? []
    if (sum === undefined || name === undefined) throw invalid(`${entryName}, line ${index + 1}: ${quoted(line)} is not "SHA256  NAME"`)
    if (sums.has(name)) throw invalid(`${entryName}, line ${index + 1}: ${quoted(name)} is listed twice`)
    sums.set(name, sum)
  }
  return sums
}
