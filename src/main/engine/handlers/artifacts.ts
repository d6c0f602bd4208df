import type { Artifact } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { readArtifact } from '../artifact/read.ts'
import { copyFile, readChunks } from '../lib/file-streams.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { addArtifact, removeArtifact } from '../server/artifact-actions.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import { listCompatibility } from '../views/compatibility.ts'
import { writeDelta } from './artifact-delta.ts'
import { scriptTexts } from './artifact-scripts.ts'
import { writeNew } from './artifact-writing.ts'
import { live } from './live.ts'

export function artifactHandlers(os: Operations, parts: EngineParts) {
  const { actions, changes, store, host } = parts
  const all = (): Artifact[] => {
    const installed = store.devices.installedCounts()
    return store.artifacts.list().map((artifact) => toView(artifact, installed.get(artifact.content.name) ?? 0))
  }
  const find = (id: string): Artifact => {
    const found = all().find((artifact) => artifact.id === id)
    if (!found) throw unknown(id)
    return found
  }
  return {
    list: os.artifacts.list.handler(live([changes.artifacts, changes.devices], all)),
    show: os.artifacts.show.handler(live([changes.artifacts, changes.devices], ({ id }: { id: string }) => find(id))),
    compatibility: os.artifacts.compatibility.handler(
      live([changes.artifacts, changes.devices], ({ id }: { id: string }) => {
        const found = listCompatibility(id, parts.sources)
        if (!found) throw unknown(id)
        return found
      }),
    ),
    inspect: os.artifacts.inspect.handler(async ({ input, signal }) => {
      await using file = await host.files.open(input.path, 'read')
      // awaited here: the file is closed when this function returns
      return await readArtifact(readChunks(file), { keys: parts.verificationKeys(), totalBytes: await file.sizeBytes(), signal })
    }),
    add: os.artifacts.add.handler(({ input }) => addFile(input, parts)),
    write: os.artifacts.write.handler(({ input }) => writeNew(input, parts)),
    delta: os.artifacts.delta.handler(({ input }) => writeDelta(input, parts)),
    scripts: os.artifacts.scripts.handler(({ input }) => scriptTexts(find(input.id).id, parts)),
    location: os.artifacts.location.handler(({ input }) => ({ path: actions.artifactFiles.path(find(input.id).id) })),
    files: os.artifacts.files.handler(({ input: { id, path } }) => parts.browser.list(find(id).id, path)),
    fileText: os.artifacts.fileText.handler(async ({ input: { id, path } }) => ({ text: await parts.browser.text(find(id).id, path) })),
    remove: os.artifacts.remove.handler(async ({ input }) => {
      await parts.browser.forget(input.id)
      await removeArtifact(actions, input.id, input.canUndo ? parts.setAside : undefined)
    }),
    putBack: os.artifacts.putBack.handler(({ input }) => parts.setAside.putBack(input.id)),
    save: os.artifacts.save.handler(({ input, signal }) => {
      const { id } = find(input.id)
      return copyFile(host.files, `${parts.artifactFolder}/${id}.mender`, input.path, signal)
    }),
  }
}

function unknown(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no artifact ${id}`, 'It may have been removed.')
}

function toView({ content, ...plain }: StoredArtifact, installedCount: number): Artifact {
  const { id, sizeBytes, sha256, description, addedAt } = plain
  return { ...content, id, sizeBytes, sha256, description, addedAt, installedCount }
}

interface AddedFile {
  path: string
  description: string
  allowExpansion: boolean
}

/** Starts the job that takes a file into the library; the id it will have is known at once. */
function addFile({ path, ...added }: AddedFile, parts: EngineParts): { id: string; jobId: string } {
  const { jobs, host, actions, newId } = parts
  const id = newId()
  const name = path.slice(path.lastIndexOf('/') + 1)
  const started = jobs.start(
    { kind: 'artifact-add', title: `Add ${name} to the library`, steps: ['Check and copy'], repeatable: 'here' },
    async (job) => {
      await using file = await host.files.open(path, 'read')
      const total = await file.sizeBytes()
      async function* counted() {
        let done = 0
        for await (const chunk of readChunks(file)) {
          job.signal.throwIfAborted()
          done += chunk.length
          job.progress(done, total, 'bytes')
          yield chunk
        }
      }
      await addArtifact(actions, { ...added, id, chunks: counted(), signal: job.signal })
    },
  )
  return { id, jobId: started.id }
}
