import { AppError, toAppError } from '../../contract/errors.ts'
import type { NewArtifact } from '../../contract/new-artifact.ts'
import type { ArtifactSpec, BuildStamp } from '../artifact/write.ts'
import type { Files } from '../host.ts'
import { contentOf } from './content.ts'
import { providesFor } from './provides-for.ts'
import { type Stamping, metaDataOf, scriptsOf } from './sources.ts'

/** The same bytes on every machine, as `--reproducible` makes them: root as owner, 1970 as time. */
const STAMPING: Stamping = { fixedAt: 0, users: new Map(), groups: new Map() }
export const STAMP: BuildStamp = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }

export interface NewSpec {
  spec: ArtifactSpec
  /** What a person should see before it goes out. */
  notes: readonly string[]
}

/** What to write for a new artifact of the library. Its files must be there; BAD_INPUT begins with the field that is wrong. */
export async function specOfNew(input: NewArtifact, files: Files): Promise<NewSpec> {
  const { name, deviceTypes, compression, depends, metaDataPath } = input
  const content = await contentOf(input, { files, stamping: STAMPING, stamp: STAMP, atField })
  const spec = {
    ...{ name, deviceTypes, depends, compression },
    ...{ group: input.group || null, dependsNames: input.dependsNames, dependsGroups: input.dependsGroups },
    payloadType: content.payloadType,
    files: content.files,
    metaData: metaDataPath === null ? content.metaData : await atField('metaDataPath', () => metaDataOf(files, metaDataPath)),
    ...providesFor(content, {
      artifactName: name,
      ...{ provides: input.provides, clearsProvides: input.clearsProvides },
      softwareName: input.softwareName || undefined,
      softwareVersion: input.softwareVersion || undefined,
      softwareFilesystem: input.softwareFilesystem || undefined,
      hasDefaultSoftwareVersion: true,
      hasDefaultClearsProvides: true,
    }),
    scripts: await atField('scripts', () => scriptsOf(files, input.scripts, STAMPING)),
    checksumProvide: content.payloadType === 'rootfs-image' ? 'rootfs-image.checksum' : null,
  }
  return { spec, notes: content.notes }
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
