import { AppError } from '../contract/errors.ts'
import { signerOf } from './artifact/sign.ts'
import { buildBenchArtifacts } from './device/bench-artifacts.ts'
import { readChunks } from './lib/file-streams.ts'
import type { EngineParts } from './parts.ts'
import { addArtifact } from './server/artifact-actions.ts'

const KEY_NAME = 'virtual-bench'

/** Starts the job that completes the virtual bench: its signing key, its three artifacts, its four boards. Answers the job's id. */
export function startBench(parts: EngineParts): string {
  const steps = ['Signing key', 'Root file systems and artifacts', 'Library', 'Boards']
  const started = parts.jobs.start(
    { kind: 'start-bench', title: 'Start the virtual bench', steps, locks: ['virtual-bench'], repeatable: 'anywhere' },
    async (job) => {
      const { host, store, actions, keyRing, benchFolder } = parts
      job.step('Signing key')
      const key = keyRing.list().find(({ name }) => name === KEY_NAME) ?? (await keyRing.generate(KEY_NAME, 'p256'))
      const signer = signerOf(await keyRing.privatePem(key.id))
      job.step('Root file systems and artifacts')
      const built = await buildBenchArtifacts({ host, folder: `${benchFolder}/artifacts`, signer, job })
      job.step('Library')
      for (const { path, name, description } of built) {
        if (store.artifacts.byName(name).length > 0) continue
        await using file = await host.files.open(path, 'read')
        await addArtifact(actions, { id: parts.newId(), description, chunks: readChunks(file), signal: job.signal })
      }
      await host.files.remove(`${benchFolder}/artifacts`)
      job.step('Boards')
      if (parts.serverStatus().state !== 'running')
        throw new AppError('CONFLICT', 'The server does not run', 'Start it: virtual boards poll it.')
      await parts.bench.start()
    },
  )
  return started.id
}
