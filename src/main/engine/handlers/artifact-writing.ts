import { AppError } from '../../contract/errors.ts'
import type { NewArtifact } from '../../contract/new-artifact.ts'
import { signerOf } from '../artifact/sign.ts'
import { type ArtifactSpec, writeArtifact } from '../artifact/write.ts'
import type { JobContext } from '../jobs/runner.ts'
import { readChunks } from '../lib/file-streams.ts'
import { STAMP, specOfNew } from '../packing/new-artifact.ts'
import type { EngineParts } from '../parts.ts'
import { addArtifact } from '../server/artifact-actions.ts'

/**
 * Starts the job that writes an artifact and takes it into the library; the id it will have is known at once. What can be seen to be
 * wrong beforehand is refused before it starts: BAD_INPUT beginning with the field.
 */
export async function writeNew(input: NewArtifact, parts: EngineParts): Promise<{ id: string; jobId: string }> {
  const { spec, notes } = await specOfNew(input, parts.host.files)
  if (input.keyId !== null && !parts.store.keys.get(input.keyId)?.hasPrivateKey) {
    throw new AppError('BAD_INPUT', 'keyId: The private half of this key is not here', 'Choose another key, or import its private half.')
  }
  refuseTaken(spec, parts)
  const id = parts.newId()
  const request = { kind: 'artifact-write', title: `Write ${spec.name}`, steps: ['Write', 'Check and add'] }
  const started = parts.jobs.start(request, (job) => carryOut(job, { id, spec, notes, keyId: input.keyId, parts }))
  // The failure is told by the job; this call has answered long before.
  started.result.catch(() => undefined)
  return { id, jobId: started.id }
}

/** The library would refuse it in the end. */
function refuseTaken({ name, deviceTypes }: ArtifactSpec, { store }: EngineParts): void {
  const twin = store.artifacts.byName(name).find(({ content }) => content.deviceTypes.some((type) => deviceTypes.includes(type)))
  if (twin) throw new AppError('BAD_INPUT', `name: ${name} is already in the library for one of these device types`, 'Choose another name.')
}

interface Writing {
  id: string
  spec: ArtifactSpec
  notes: readonly string[]
  keyId: string | null
  parts: EngineParts
}

/** Writes beside the library and hands the file in as any other; nothing is left of it when that fails or is cancelled. */
async function carryOut(job: JobContext, { id, spec, notes, keyId, parts }: Writing): Promise<void> {
  for (const note of notes) job.log(note)
  const { actions, artifactFolder, host, keyRing } = parts
  const { signal } = job
  const signer = keyId === null ? null : signerOf(await keyRing.privatePem(keyId))
  const totalBytes = spec.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const path = `${artifactFolder}/tmp/${id}.new`
  try {
    await using file = await host.files.open(path, 'create')
    job.step('Write')
    const onProgress = (doneBytes: number) => job.progress(doneBytes, totalBytes, 'bytes')
    const { sizeBytes } = await writeArtifact(spec, file, { stamp: STAMP, signer, signal, onProgress })
    job.step('Check and add')
    const chunks = counted(readChunks(file), (done) => job.progress(done, sizeBytes, 'bytes'))
    await addArtifact(actions, { id, description: '', chunks, signal })
  } finally {
    await host.files.remove(path)
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, report: (done: number) => void): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of chunks) {
    done += chunk.length
    report(done)
    yield chunk
  }
}
