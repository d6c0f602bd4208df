import { AppError } from '../../contract/errors.ts'
import type { NewArtifact } from '../../contract/new-artifact.ts'
import { signerOf } from '../artifact/sign.ts'
import type { Signer } from '../artifact/sign.ts'
import { writeArtifact } from '../artifact/write.ts'
import type { HostFile } from '../host.ts'
import type { JobContext } from '../jobs/runner.ts'
import { readChunks } from '../lib/file-streams.ts'
import { STAMP, specOfNew } from '../packing/new-artifact.ts'
import type { EngineParts } from '../parts.ts'
import { addArtifact } from '../server/artifact-actions.ts'
import { findTwin } from '../store/artifact-twin.ts'

/**
 * Starts the job that writes an artifact and takes it into the library; the id it will have is known at once. What can be seen to be
 * wrong beforehand is refused before it starts: BAD_INPUT beginning with the field.
 */
export async function writeNew(input: NewArtifact, parts: EngineParts): Promise<{ id: string; jobId: string }> {
  const { spec, notes } = await specOfNew(input, parts.host.files)
  refuseKey(input.keyId, parts)
  refuseTaken(spec, parts)
  const totalBytes = spec.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return startWriting(
    { kind: 'artifact-write', title: `Write ${spec.name}`, steps: ['Write'], keyId: input.keyId, repeatable: 'here' },
    parts,
    (job, file, signer) => {
      for (const note of notes) job.log(note)
      job.step('Write')
      const onProgress = (doneBytes: number) => job.progress(doneBytes, totalBytes, 'bytes')
      return writeArtifact(spec, file, { stamp: STAMP, signer, signal: job.signal, onProgress })
    },
  )
}

export function refuseKey(keyId: string | null, { store }: EngineParts): void {
  if (keyId === null || store.keys.get(keyId)?.hasPrivateKey) return
  throw new AppError('BAD_INPUT', 'keyId: The private half of this key is not here', 'Choose another key, or import its private half.')
}

/** The library would refuse it in the end. */
export function refuseTaken(spec: Parameters<typeof findTwin>[1], { store }: EngineParts): void {
  if (findTwin(store, spec))
    throw new AppError('BAD_INPUT', `name: ${spec.name} is already in the library for one of these device types`, 'Choose another name.')
}

interface WritingRequest {
  kind: string
  title: string
  /** Before the check, which comes last. */
  steps: readonly string[]
  keyId: string | null
  /** Whether it reads files of this machine (`here`), or the library alone. */
  repeatable: 'here' | 'anywhere'
}

type Write = (job: JobContext, file: HostFile, signer: Signer | null) => Promise<{ sizeBytes: number; warnings: readonly string[] }>

/** Starts the job that writes an artifact by `write` and takes it into the library. */
export function startWriting({ keyId, ...request }: WritingRequest, parts: EngineParts, write: Write): { id: string; jobId: string } {
  const id = parts.newId()
  const steps = [...request.steps, 'Check and add']
  const started = parts.jobs.start({ ...request, steps }, (job) => carryOut(job, { id, keyId, parts, write }))
  return { id, jobId: started.id }
}

interface Writing {
  id: string
  keyId: string | null
  parts: EngineParts
  write: Write
}

/** Writes beside the library and hands the file in as any other; nothing is left of it when that fails or is cancelled. */
async function carryOut(job: JobContext, { id, keyId, parts, write }: Writing): Promise<void> {
  const { actions, artifactFolder, host, keyRing } = parts
  const { signal } = job
  const signer = keyId === null ? null : signerOf(await keyRing.privatePem(keyId))
  const path = `${artifactFolder}/tmp/${id}.new`
  try {
    await using file = await host.files.open(path, 'create')
    const { sizeBytes, warnings } = await write(job, file, signer)
    for (const warning of warnings) job.log(`warning: ${warning}`)
    job.step('Check and add')
    const chunks = counted(readChunks(file), (done) => job.progress(done, sizeBytes, 'bytes'))
    // Written here out of what is here: whoever reads it outside needs the flag that the job's log names.
    await addArtifact(actions, { id, description: '', chunks, signal, allowExpansion: true })
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
