import { malformed, manifest, version } from './malformed.cases.ts'
import { brokenArtifact, bytesOf, sha256Of } from './samples.cases.ts'

const ZEROS = '0'.repeat(64)
const sig = (content: string | Uint8Array) => brokenArtifact({ signature: typeof content === 'string' ? bytesOf(content) : content })
const line = (text: string) => manifest((usual) => `${text}\n${usual}`)
const EMPTY = sha256Of(new Uint8Array(0))

/** Rules of `version` (mender-artifact format, 1.3). */
const VERSION = malformed([
  ['format version 0', version('{"format":"mender","version":0}'), /format version 0 is not supported/],
  ['format version 1', version('{"format":"mender","version":1}'), /format version 1 is not supported/],
  ['format version 4', version('{"format":"mender","version":4}'), /format version 4 is not supported/],
  ['a negative format version', version('{"format":"mender","version":-3}'), /format version -3 is not supported/],
  ['a format version with a point', version('{"format":"mender","version":3.0}'), /format version that is no integer is not supported/],
  ['a format version with an exponent', version('{"format":"mender","version":30e-1}'), /format version that is no integer/],
  ['half a format version', version('{"format":"mender","version":3.5}'), /^version: version: /],
  ['a version in quotes', version('{"format":"mender","version":"3"}'), /^version: version: /],
  ['no version number', version('{"format":"mender"}'), /^version: version: /],
  ['null for the version number', version('{"format":"mender","version":null}'), /^version: version: /],
  ['another format', version('{"format":"foo","version":3}'), /^version: format: /, 'peer takes it'],
  ['a format in capitals', version('{"format":"MENDER","version":3}'), /^version: format: /, 'peer takes it'],
  ['no format', version('{"version":3}'), /^version: format: /, 'peer takes it'],
  ['an unknown key in version', version('{"format":"mender","version":3,"x":1}'), /^version: .*x/],
  ['a key in another case', version('{"Format":"mender","format":"mender","version":3}'), /^version: /, 'peer takes it'],
  ['a key twice', version('{"format":"mender","version":3,"version":3}'), /"version" occurs twice/, 'peer takes it'],
  ['a key twice, once escaped', version('{"format":"mender","version":3,"\\u0076ersion":3}'), /"version" occurs twice/, 'peer takes it'],
  ['a list for version', version('[3]'), /^version: /],
  ['null for version', version('null'), /^version: /],
  ['an empty version', version(''), /^version: not JSON/],
  ['a version cut short', version('{"format":"mender","version":3'), /^version: not JSON/],
  ['a comma too many in version', version('{"format":"mender","version":3,}'), /^version: not JSON/],
  ['garbage after the version', version('{"format":"mender","version":3}x'), /^version: not JSON/, 'peer takes it'],
  ['a second version behind it', version('{"format":"mender","version":3}{}'), /^version: not JSON/, 'peer takes it'],
  ['a byte order mark', version('\ufeff{"format":"mender","version":3}'), /^version: /],
  ['a version that is not UTF-8', version(Uint8Array.of(0xff, 0xfe, 0x7b)), /^version: /],
  ['a huge version', version(`{"format":"mender","version":3}${' '.repeat(2000)}`), /more than the \d+ that are accepted/, 'peer takes it'],
])

/** Rules of `manifest` (1.4). */
const MANIFEST = malformed([
  ['an empty manifest', manifest(() => ''), /manifest: version is not listed/],
  ['a manifest that is a blank line', manifest(() => '\n'), /manifest, line 1: "" is not/],
  ['a blank line in the manifest', manifest((text) => `\n${text}`), /manifest, line 1: "" is not/, 'peer takes it'],
  ['a version that the manifest does not know', manifest((text) => text.replace(/.*version\n/, '')), /manifest: version is not listed/],
  ['a wrong sum of version', manifest((text) => text.replace(/[0-9a-f]{64} {2}version/, `${ZEROS}  version`)), /version: its checksum is/],
  [
    'a wrong sum of the header',
    manifest((text) => text.replace(/[0-9a-f]{64} {2}header/, `${ZEROS}  header`)),
    /header.tar.gz: its checksum is/,
  ],
  ['no sum of the header', manifest((text) => text.replace(/.*header.*\n/, '')), /manifest: header.tar.gz is not listed/],
  [
    'the sum of another header',
    manifest((text) => text.replace('header.tar.gz', 'header.tar.xz')),
    /manifest: header.tar.gz is not listed/,
  ],
  [
    'a sum in capitals',
    manifest((text) => text.toUpperCase().replace('VERSION', 'version')),
    /manifest, line 1: .* is not "SHA256 {2}NAME"/,
  ],
  ['one space before the name', manifest((text) => text.replace('  version', ' version')), /is not "SHA256 {2}NAME"/],
  ['three spaces before the name', manifest((text) => text.replace('  version', '   version')), /is not "SHA256 {2}NAME"/],
  ['a tab before the name', manifest((text) => text.replace('  version', '\tversion')), /is not "SHA256 {2}NAME"/],
  ['the sign for binary before the name', manifest((text) => text.replace('  version', ' *version')), /is not "SHA256 {2}NAME"/],
  ['lines that end as in Windows', manifest((text) => text.replaceAll('\n', '\r\n')), /is not "SHA256 {2}NAME"/],
  ['a space after a line', manifest((text) => text.replace('version\n', 'version \n')), /is not "SHA256 {2}NAME"/, 'peer takes it'],
  ['a space before a line', manifest((text) => ` ${text}`), /is not "SHA256 {2}NAME"/, 'peer takes it'],
  ['a comment in the manifest', line('# made by hand'), /manifest, line 1: "# made by hand" is not/],
  ['a sum that is too short', manifest((text) => text.replace(/^./, '')), /is not "SHA256 {2}NAME"/],
  ['a sum that is too long', manifest((text) => `0${text}`), /is not "SHA256 {2}NAME"/],
  ['a line without a name', line(`${ZEROS}  `), /is not "SHA256 {2}NAME"/],
  ['a name with a space', line(`${ZEROS}  data/0000/a b`), /is not "SHA256 {2}NAME"/],
  ['a name beyond ASCII', line(`${ZEROS}  data/0000/grün`), /is not "SHA256 {2}NAME"/],
  ['no newline at the end', manifest((text) => text.slice(0, -1)), /the last line does not end with a newline/],
  ['a line twice', manifest((text) => text + text.slice(text.lastIndexOf('\n', text.length - 2) + 1)), /"version" is listed twice/],
  ['a line twice with other sums', manifest((text) => `${text}${ZEROS}  version\n`), /"version" is listed twice/],
  ['a stray line', manifest((text) => `${text}${ZEROS}  stray\n`), /"stray" names nothing/],
  ['a line for the manifest itself', line(`${ZEROS}  manifest`), /"manifest" names nothing/],
  ['a line for another payload', line(`${ZEROS}  data/0001/x`), /"data\/0001\/x" names nothing/],
  ['a line for the payload as a whole', line(`${ZEROS}  data/0000.tar.gz`), /"data\/0000.tar.gz" names nothing/],
  ['a line for a file in a folder', line(`${ZEROS}  data/0000/a/b`), /"data\/0000\/a\/b" names nothing/],
  ['a line for a folder', line(`${ZEROS}  data/0000/`), /"data\/0000\/" names nothing/],
  ['a payload index that is too short', line(`${ZEROS}  data/00/a`), /"data\/00\/a" names nothing/],
  ['a payload file without an index', line(`${ZEROS}  data/foo`), /"data\/foo" names nothing/],
  ['a file of the manifest that is not there', line(`${EMPTY}  data/0000/more`), /"more" is missing, though the manifest lists it/],
  [
    'a manifest of 2 MiB',
    manifest((text) => `${text}${'x'.repeat(2 << 20)}`),
    /manifest" has \d+ bytes, more than the \d+ that are accepted/,
  ],
  [
    'a manifest of 10 001 lines',
    manifest((text) => Array.from({ length: 10_001 }, (_, index) => `${ZEROS}  f${index}\n`).join('') + text),
    /lines are more than the \d+ that/,
  ],
])

/** Rules of `manifest.sig` (1.5), which hold without a key. */
const SIGNATURE = malformed([
  ['a signature that is not base64', sig('not base64!'), /manifest.sig is not base64/],
  ['an empty signature', sig(''), /manifest.sig is not base64/],
  ['a signature of newlines', sig('\n\n'), /manifest.sig is not base64/],
  ['a signature without padding', sig('QUJDRA'), /manifest.sig is not base64/],
  ['a signature of padding', sig('===='), /manifest.sig is not base64/],
  ['a signature with padding in it', sig('QQ==QUJD'), /manifest.sig is not base64/],
  ['a signature with a space', sig('QUJD QUJD'), /manifest.sig is not base64/],
  ['a signature in the alphabet of URLs', sig('QUJ-QU_D'), /manifest.sig is not base64/],
  ['a signature as raw bytes', sig(Uint8Array.from({ length: 64 }, (_, index) => index * 3)), /manifest.sig is not base64/],
  ['a signature in armour', sig('-----BEGIN SIGNATURE-----\nQUJD\n'), /manifest.sig is not base64/],
  ['a signature of 10 000 characters', sig('QUJD'.repeat(2500)), /manifest.sig" has 10000 bytes, more than the \d+ that are accepted/],
])

export const FRONT = [...VERSION, ...MANIFEST, ...SIGNATURE]
