import { gzipSync, zstdCompressSync } from 'node:zlib'
import { FIELD, HEADER_INFO, ROOTFS_INFO, dataTar, entry, files, flipped, followed, malformed, patched } from './malformed.cases.ts'
import { PAYLOAD, type RawEntry, brokenArtifact, bytesOf, rawTar, textOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

const data = (edit: (storedData: Uint8Array) => Uint8Array) => brokenArtifact({ storedData: edit })
const zstd = (edit: (storedData: Uint8Array) => Uint8Array) =>
  brokenArtifact({ dataName: 'data/0000.tar.zst', storedData: edit(zstdCompressSync(rawTar(PAYLOAD))) })
const kind = (type: string) => dataTar((tar) => patched(tar, 0, [FIELD.type, type]))
const rootfs = (...payload: RawEntry[]) => brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { type: 'rootfs-image' }, payload })
const unlisted = (text: string) => brokenArtifact({ manifest: (bytes) => bytesOf(textOf(bytes).replace(/.*update.sh\n/, text)) })

/** Rules of data/0000.tar: its files, their names, sums and packing (mender-artifact format, 1.7 and 1.8). */
const PAYLOADS = malformed([
  ['a root file system without a file', rootfs(), /0 files; a rootfs-image has exactly one/, 'peer takes it'],
  ['a root file system of two files', rootfs(entry('a'), entry('b')), /2 files; a rootfs-image/],
  [
    'files in a bootstrap artifact',
    brokenArtifact({ headerInfo: { ...HEADER_INFO, payloads: [{ type: null }] }, typeInfo: { type: null } }),
    /1 files in a bootstrap artifact/,
  ],
  ['a payload in a folder', files(entry('a/b')), /"data\/0000\/a\/b" names nothing/],
  ['a payload name with a plus', files(entry('a+b')), /the name "a\+b" has characters other than/],
  ['a payload name with a tilde', files(entry('a~b')), /the name "a~b" has characters other than/],
  ['a payload name with a colon', files(entry('a:b')), /the name "a:b" has characters other than/],
  ['a payload name with an at sign', files(entry('a@b')), /the name "a@b" has characters other than/],
  ['a payload called ..', brokenArtifact({ payload: [entry('..')] }), /is not acceptable|names nothing/],
  ['a payload name with a space', files(entry('a b')), /is not "SHA256 {2}NAME"/],
  ['a payload name beyond ASCII', files(entry('grün')), /is not "SHA256 {2}NAME"/],
  ['./update.sh', dataTar((tar) => patched(tar, 0, [FIELD.name, './update.sh'])), /name ".\/update.sh" is not acceptable/],
  ['/update.sh', dataTar((tar) => patched(tar, 0, [FIELD.name, '/update.sh'])), /name "\/update.sh" is not acceptable/],
  ['a file that the manifest does not list', unlisted(''), /"update.sh" is not listed/],
  ['a file of another name', dataTar((tar) => patched(tar, 0, [FIELD.name, 'update.py'])), /"update.py" is not listed/],
  ['a file that is missing', dataTar(() => rawTar([])), /"update.sh" is missing, though the manifest lists it/],
  ['a file twice', dataTar((tar) => joinBytes([tar.slice(0, 1024), tar])), /"update.sh" is there twice/, 'peer takes it'],
  [
    'a file with a wrong sum',
    data(() => gzipSync(rawTar([entry('update.sh', 'echo other\n')]))),
    /update.sh: checksum mismatch: it is [0-9a-f]{64}/,
  ],
  ['a file that is longer than it was', data(() => gzipSync(rawTar([entry('update.sh', 'echo hello\n\n')]))), /checksum mismatch/],
  ['an empty file in the place of one', data(() => gzipSync(rawTar([entry('update.sh')]))), /checksum mismatch/],
  ['a folder in the payload', kind('5'), /is a folder; only regular files/],
  ['a symbolic link in the payload', kind('2'), /is a symbolic link; only regular files/],
  ['a hard link in the payload', kind('1'), /is a hard link; only regular files/],
  ['a device in the payload', kind('4'), /only regular files/],
  ['a pipe in the payload', kind('6'), /only regular files/],
  ['a sparse file in the payload', kind('S'), /only regular files/],
  ['a payload tar without an end', dataTar((tar) => tar.slice(0, -1024)), /data\/0000.tar ends at byte/, 'peer takes it'],
  ['a payload tar with half an end', dataTar((tar) => tar.slice(0, -512)), /data\/0000.tar ends at byte/, 'peer takes it'],
  ['a payload tar cut within its file', dataTar((tar) => tar.slice(0, 517)), /data\/0000.tar ends at byte 517/],
  [
    'something behind the payload tar',
    dataTar((tar) => joinBytes([tar, bytesOf('x'.repeat(512))])),
    /something follows the end/,
    'peer takes it',
  ],
  ['a wrong checksum in the payload tar', dataTar((tar) => flipped(tar, 100)), /the tar header's checksum is wrong/],
])

const PACKING = malformed([
  ['junk instead of gzip', data(() => bytesOf('junk'.repeat(300))), /data\/0000.tar: damaged gzip data: incorrect header check/],
  ['nothing instead of gzip', data(() => new Uint8Array(0)), /data\/0000.tar/],
  ['a wrong gzip checksum', data((stored) => flipped(stored, stored.length - 6)), /incorrect data check/, 'peer takes it'],
  ['a wrong gzip length', data((stored) => flipped(stored, stored.length - 2)), /incorrect length check/, 'peer takes it'],
  ['a cut gzip', data((stored) => stored.slice(0, -4)), /damaged gzip data: unexpected end of file/, 'peer takes it'],
  ['half a gzip', data((stored) => stored.slice(0, stored.length / 2)), /damaged gzip data: unexpected end of file/],
  [
    'zeros after the gzip',
    data((stored) => joinBytes([stored, new Uint8Array(40)])),
    /40 bytes follow the end of the gzip data/,
    'peer takes it',
  ],
  ['junk after the gzip', data((stored) => followed(stored, 'junkjunkjunk')), /damaged gzip data/, 'peer takes it'],
  [
    'a suffix that the data does not have',
    brokenArtifact({ dataName: 'data/0000.tar', storedData: gzipSync(rawTar([])) }),
    /data\/0000.tar.*(not a tar header|ends at byte)/,
  ],
  ['gzip that is only said to be', brokenArtifact({ storedData: rawTar(PAYLOAD) }), /damaged gzip data/],
  ['data in lzma that is none', brokenArtifact({ dataName: 'data/0000.tar.xz' }), /data\/0000.tar: it is no xz data/],
  ['data in zstd that is none', brokenArtifact({ dataName: 'data/0000.tar.zst' }), /data\/0000.tar: /],
  ['no zstd frame', zstd(() => new Uint8Array(0)), /it holds no zstd frame/],
  ['a cut zstd frame', zstd((stored) => stored.subarray(0, -3)), /data\/0000.tar/],
  ['a zstd frame with a flipped bit', zstd((stored) => flipped(stored, stored.length - 9)), /data\/0000.tar/],
  ['junk after the zstd frame', zstd((stored) => followed(stored, 'junkjunkjunk')), /data\/0000.tar/],
])

const version2 = bytesOf('{"format":"mender","version":2}')
const INFO_2 = { artifact_name: 'r', updates: [{ type: 'rootfs-image' }], device_types_compatible: ['d'] }
const FILES_2 = entry('headers/0000/files', '{"files":["update.sh"]}')
const TYPES_2 = entry('headers/0000/type-info', '{"type":"rootfs-image"}')
const format2 = (...header: RawEntry[]) => brokenArtifact({ version: version2, header })
const info2 = (value: unknown) => format2(entry('header-info', JSON.stringify(value)), FILES_2, TYPES_2)

/** Rules of format 2 (1.12). */
const FORMAT_2 = malformed([
  ['header-info of format 3 in format 2', brokenArtifact({ version: version2 }), /^header-info: /],
  ['format 2 without a name', info2({ ...INFO_2, artifact_name: undefined }), /^header-info: artifact_name: /, 'peer takes it'],
  ['format 2 without device types', info2({ ...INFO_2, device_types_compatible: [] }), /must name a device type/],
  ['format 2 without an update', info2({ ...INFO_2, updates: [] }), /^header-info: updates: /],
  [
    'format 2 with two updates',
    info2({ ...INFO_2, updates: [{ type: 'rootfs-image' }, { type: 'rootfs-image' }] }),
    /2 payloads/,
    'peer takes it',
  ],
  ['format 2 with an unknown key', info2({ ...INFO_2, artifact_provides: {} }), /^header-info: .*artifact_provides/, 'peer takes it'],
  ['format 2 without its list of files', format2(entry('header-info', JSON.stringify(INFO_2)), TYPES_2), /headers\/0000\/files is missing/],
  ['format 2 without type-info', format2(entry('header-info', JSON.stringify(INFO_2)), FILES_2), /type-info is missing/, 'peer takes it'],
  [
    'format 2 with a list of files that is none',
    format2(entry('header-info', JSON.stringify(INFO_2)), entry('headers/0000/files', '[]'), TYPES_2),
    /^files: /,
  ],
])

export const CONTENT = [...PAYLOADS, ...PACKING, ...FORMAT_2]
