import { basename } from 'node:path'
import { writeBackup } from '../backup/write-backup.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function backupHandlers(os: Operations, parts: EngineParts) {
  return { create: os.backup.create.handler(({ input }) => startBackup(input.path, parts)) }
}

const STEPS = ['Copy the database', 'Copy the files'] as const

/** Starts the job that backs this bench up while it goes on working. */
function startBackup(path: string, { jobs, host, store, dataFolder }: EngineParts): { jobId: string } {
  const request = { kind: 'backup', title: `Back up to ${basename(path)}`, steps: STEPS, locks: [path], repeatable: 'here' as const }
  const started = jobs.start(request, async (job) => {
    const written = await writeBackup({
      ...{ files: host.files, dataFolder, target: path, now: host.clock.now(), signal: job.signal },
      copyDatabase: (to) => store.copyTo(to, job.signal),
      onProgress: (done, total) => {
        job.step('Copy the files')
        job.progress(done, total, 'bytes')
      },
    })
    job.log(`${path}: ${written.sizeBytes} bytes, ${written.artifactCount} artifacts`)
  })
  return { jobId: started.id }
}
