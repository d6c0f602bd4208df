import { AppError } from '../../contract/errors.ts'
import { checksumKey, namedDelta } from '../artifact/delta/delta-spec.ts'
import { limitsWith } from '../artifact/limits.ts'
import { writeArtifact } from '../artifact/write.ts'
import { type DeltaStep, makeDelta } from '../packing/delta.ts'
import { STAMP } from '../packing/new-artifact.ts'
import type { EngineParts } from '../parts.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import { refuseKey, refuseTaken, startWriting } from './artifact-writing.ts'

interface DeltaInput {
  fromId: string
  toId: string
  name?: string | undefined
  keyId: string | null
}

/** What is in the library was let in as it is. */
const limits = limitsWith({ allowExpansion: true })

const STEPS: Record<DeltaStep, string> = { old: 'Read the old image', compare: 'Compare with the new one', write: 'Write' }

/** Starts the job that makes a delta of two artifacts of the library. BAD_INPUT, beginning with the field, before it starts. */
export function writeDelta({ fromId, toId, name, keyId }: DeltaInput, parts: EngineParts): { id: string; jobId: string } {
  const [from, to] = [sideOf(fromId, parts), sideOf(toId, parts)]
  refuseKey(keyId, parts)
  const named = namedDelta(from, to, { name })
  const { dependsNames, dependsGroups, depends } = to.header
  refuseTaken({ ...named, dependsNames, dependsGroups, depends: { ...depends, [checksumKey(from)]: from.sha256 } }, parts)
  const title = `Delta from ${from.label} to ${to.label}`
  const request = { kind: 'artifact-delta', title, steps: Object.values(STEPS), keyId, repeatable: 'anywhere' } as const
  return startWriting(request, parts, async (job, file, signer) => {
    const { artifactFiles } = parts.actions
    const { signal } = job
    const options = {
      ...{ name, signal, stamp: STAMP, files: parts.host.files, folder: `${file.path}.delta`, limits },
      onProgress: (step: DeltaStep, done: number, total: number) => {
        job.step(STEPS[step])
        job.progress(done, total, 'bytes')
      },
    }
    const ends = [
      { label: from.label, path: artifactFiles.path(fromId) },
      { label: to.label, path: artifactFiles.path(toId) },
    ] as const
    const made = await makeDelta(ends, options, (spec) => writeArtifact(spec, file, { stamp: STAMP, signer, signal }))
    job.log(
      `full artifact ${made.fullBytes} bytes, delta ${made.sizeBytes} bytes (${((100 * made.sizeBytes) / made.fullBytes).toFixed(1)} %)`,
    )
    return made
  })
}

function sideOf(id: string, { store }: EngineParts): { label: string; header: StoredArtifact['content']; sha256: string } {
  const found = store.artifacts.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no artifact ${id}`, 'It may have been removed.')
  return { label: found.content.name, header: found.content, sha256: found.content.files[0]?.sha256 ?? '' }
}
