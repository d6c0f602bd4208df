import { HEADER_INFO, ROOTFS_INFO, entry } from './malformed.cases.ts'
import { brokenArtifact, bytesOf, sha256Of } from './samples.cases.ts'

/** A sound artifact that somebody stumbles over. */
export interface DoubtfulCase {
  /** What is doubtful, to be read after "takes". */
  what: string
  file: Uint8Array
  warning: RegExp
  /** A client refuses it: that is told by every reader. The rest only lint tells. */
  isRefusedByClient: boolean
}

const CLEARS = { clears_artifact_provides: ['rootfs-image.script.*'] }
const types = (more: object) => brokenArtifact({ typeInfo: { type: 'script', ...CLEARS, ...more } })
const info = (more: object) => brokenArtifact({ headerInfo: { ...HEADER_INFO, ...more }, typeInfo: { type: 'script', ...CLEARS } })
const rootfs = (typeInfo: object) => brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { ...CLEARS, ...typeInfo } })
const clientRefuses = (what: string, file: Uint8Array, warning: RegExp): DoubtfulCase => ({ what, file, warning, isRefusedByClient: true })
const odd = (what: string, file: Uint8Array, warning: RegExp): DoubtfulCase => ({ what, file, warning, isRefusedByClient: false })

export const DOUBTFUL: readonly DoubtfulCase[] = [
  clientRefuses('a list among the depends', types({ artifact_depends: { a: ['b', 'c'] } }), /depends "a" is a list/),
  clientRefuses('an empty list among the depends', types({ artifact_depends: { a: [] } }), /depends "a" is a list/),
  clientRefuses('a payload name of 91 bytes', brokenArtifact({ payload: [entry('n'.repeat(91))] }), /longer than 90 bytes/),
  clientRefuses(
    'format version 2',
    brokenArtifact({
      version: bytesOf('{"format":"mender","version":2}'),
      header: [
        entry('header-info', '{"artifact_name":"r","updates":[{"type":"rootfs-image"}],"device_types_compatible":["d"]}'),
        entry('headers/0000/files', '{"files":["update.sh"]}'),
        entry('headers/0000/type-info', '{"type":"rootfs-image"}'),
      ],
    }),
    /format version 2/,
  ),
  odd('the empty type that the tool wrote before 4.4', rootfs({ type: '' }), /empty type/),
  odd('a space in the artifact name', info({ artifact_provides: { artifact_name: 'two words' } }), /name contains white space/),
  odd('an empty device type', info({ artifact_depends: { device_type: [''] } }), /a device type is empty/),
  odd(
    'a space in a device type',
    info({ artifact_depends: { device_type: ['a', 'b c'] } }),
    /device type is empty or contains white space/,
  ),
  odd('no clears-provides', brokenArtifact({}), /has no clears_artifact_provides/),
  odd('the artifact name among the provides', types({ artifact_provides: { artifact_name: 'x' } }), /says artifact_name again/),
  odd('the group among the depends', types({ artifact_depends: { artifact_group: 'x' } }), /says artifact_group again/),
  odd('the device type among the depends', types({ artifact_depends: { device_type: 'x' } }), /says device_type again/),
  odd(
    'the checksum of something else',
    rootfs({ type: 'rootfs-image', artifact_provides: { 'rootfs-image.checksum': sha256Of(bytesOf('other')) } }),
    /is not the checksum of the payload/,
  ),
]
