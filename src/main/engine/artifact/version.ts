import { invalid } from './invalid.ts'
import { versionJson } from './schema.ts'
import { parseStrictJson } from './strict-json.ts'

/** The format version that the entry `version` says: 2 or 3. Every other reader takes it only as an integer, `3` and never `3.0`. */
export function parseVersion(bytes: Uint8Array): 2 | 3 {
  const { version } = parseStrictJson(bytes, versionJson, 'version')
  const isInteger = /"\s*:\s*-?\d+\s*[,}]/.test(new TextDecoder().decode(bytes))
  if (isInteger && (version === 2 || version === 3)) return version
  throw invalid(
    `version: format version ${isInteger ? version : 'that is no integer'} is not supported`,
    'Write the artifact as format version 3.',
  )
}
