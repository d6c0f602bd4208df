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

/** An artifact for an update module, with these files of nothing in it. */
function module(type: string, files: readonly string[], metaData: unknown = {}): Uint8Array {
  return brokenArtifact({
    header: [
      entry('header-info', JSON.stringify({ ...HEADER_INFO, payloads: [{ type }] })),
      entry('headers/0000/type-info', JSON.stringify({ type, ...CLEARS })),
      entry('headers/0000/meta-data', JSON.stringify(metaData)),
    ],
    payload: files.map((name) => entry(name)),
  })
}

const COMPOSE = ['images.tar.gz', 'manifests.tar']

export const DOUBTFUL: readonly DoubtfulCase[] = [
  odd('a single file without its place', module('single-file', ['filename', 'app.conf']), /module single-file looks for dest_dir/),
  odd('a single file without its name', module('single-file', ['dest_dir', 'app.conf']), /module single-file looks for filename/),
  odd('a directory without its tar', module('directory', ['dest_dir']), /module directory looks for update.tar/),
  odd('a directory without its place', module('directory', ['update.tar']), /module directory looks for dest_dir/),
  odd('a package of another kind', module('deb', ['tool.rpm']), /module deb looks for a file \*.deb/),
  odd('no package', module('rpm', []), /module rpm looks for a file \*.rpm/),
  odd('no script to run', module('script', []), /module script looks for any file/),
  odd('no containers', module('docker', []), /module docker looks for a list "containers"/),
  odd('an empty list of containers', module('docker', [], { containers: [] }), /module docker looks for a list "containers"/),
  odd('a composition without a name', module('docker-compose', COMPOSE, { version: '1' }), /looks for a "project_name"/),
  odd(
    'a composition of another version',
    module('docker-compose', COMPOSE, { project_name: 'a', version: '2' }),
    /looks for "version": "1"/,
  ),
  odd('a composition without images', module('docker-compose', ['manifests.tar']), /looks for images.tar.gz/),
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
