import { basename } from 'node:path'
import { Conversation } from '../connect/conversation.ts'
import { getFile, putFile, statFile } from '../connect/file-transfer.ts'
import { PROTO } from '../connect/frame.ts'
import { deviceName } from '../fleet/identity.ts'
import type { JobContext } from '../jobs/runner.ts'
import { readChunks, replaceFile } from '../lib/file-streams.ts'
import type { EngineParts } from '../parts.ts'
import { findDevice } from '../server/device-actions.ts'

const STEPS = ['Ask the device', 'Transfer'] as const

/** Starts the job that fetches a file of a device to `to`, which appears whole or not at all, with the file's mode. */
export function fetchFile({ deviceId, path, to }: { deviceId: string; path: string; to: string }, parts: EngineParts): { jobId: string } {
  const title = `Get ${path} from ${deviceName(findDevice(parts.actions, deviceId))}`
  return transfer({ kind: 'device-file-get', title, deviceId }, parts, async (job, talk) => {
    const { files } = parts.host
    const remote = await statFile(talk, path)
    job.step('Transfer')
    await replaceFile(files, to, async (file) => {
      let position = 0
      for await (const chunk of getFile(talk, path)) {
        await file.write(chunk, position)
        position += chunk.length
        job.progress(position, remote.sizeBytes, 'bytes')
      }
      await files.setMode(file.path, remote.mode)
    })
  })
}

/** Starts the job that puts a file of this machine on a device, with its mode; a folder as `path` keeps its name. */
export function sendFile(
  { deviceId, from, path }: { deviceId: string; from: string; path: string },
  parts: EngineParts,
): { jobId: string } {
  const title = `Put ${basename(from)} on ${deviceName(findDevice(parts.actions, deviceId))}`
  return transfer({ kind: 'device-file-put', title, deviceId }, parts, async (job, talk) => {
    await using file = await parts.host.files.open(from, 'read')
    const sizeBytes = await file.sizeBytes()
    const mode = (await parts.host.files.stat(from))?.mode
    job.step('Transfer')
    const wanted = { path, sizeBytes, name: basename(from), mode: mode === undefined ? undefined : mode & 0o777 }
    await putFile(talk, wanted, readChunks(file), (done) => job.progress(done, sizeBytes, 'bytes'))
  })
}

interface Transfer {
  kind: string
  title: string
  deviceId: string
}

function transfer(
  { kind, title, deviceId }: Transfer,
  { jobs, lines }: EngineParts,
  work: (job: JobContext, talk: Conversation) => Promise<void>,
): { jobId: string } {
  const started = jobs.start({ kind, title, steps: STEPS, repeatable: 'here' }, async (job) => {
    job.step('Ask the device')
    using talk = await Conversation.open(lines, deviceId, { signal: job.signal })
    await talk.greet(PROTO.fileTransfer)
    await work(job, talk)
  })
  return { jobId: started.id }
}
