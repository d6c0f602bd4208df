import { AppError, toAppError } from '../../contract/errors.ts'
import type { NewArtifact } from '../../contract/new-artifact.ts'
import { payloadForKind } from '../artifact/generators.ts'
import { withDefaults } from '../artifact/provides.ts'
import type { ArtifactSpec, BuildStamp } from '../artifact/write.ts'
import type { Files } from '../host.ts'
import { type Stamping, payloadOf, scriptsOf } from './sources.ts'

/** The same bytes on every machine, as `--reproducible` makes them: root as owner, 1970 as time. */
const STAMPING: Stamping = { fixedAt: 0, users: new Map(), groups: new Map() }
export const STAMP: BuildStamp = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }

/** What to write for a new artifact of the library. Its files must be there; BAD_INPUT begins with the field that is wrong. */
export async function specOfNew(input: NewArtifact, files: Files): Promise<ArtifactSpec> {
  const { kind, name, deviceTypes, compression, depends, softwareName, softwareVersion, softwareFilesystem } = input
  const sources = await atField('paths', () => Promise.all(input.paths.map((path) => payloadOf(files, path, STAMPING))))
  return {
    ...{ name, deviceTypes, depends, compression },
    ...{ group: null, dependsNames: [], dependsGroups: [], metaData: null },
    payloadType: kind,
    ...withDefaults({
      ...{ payloadType: kind, artifactName: name, provides: input.provides, clearsProvides: input.clearsProvides },
      softwareName: softwareName || undefined,
      softwareVersion: softwareVersion || undefined,
      softwareFilesystem: softwareFilesystem || undefined,
      hasDefaultSoftwareVersion: true,
      hasDefaultClearsProvides: true,
    }),
    scripts: await atField('scripts', () => scriptsOf(files, input.scripts, STAMPING)),
    files: payloadForKind(kind, sources, { destination: input.destination, stamp: STAMP }),
    checksumProvide: kind === 'rootfs-image' ? 'rootfs-image.checksum' : null,
  }
}

/** What fails in `work` fails as BAD_INPUT of the field, as the contract refuses a field. */
async function atField<T>(field: keyof NewArtifact, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    const { message, hint } = toAppError(thrown)
    throw new AppError('BAD_INPUT', `${field}: ${message}`, hint, thrown)
  }
}
