import { basename } from 'node:path'
import { toAppError, toWire } from '../../contract/errors.ts'
import { extract } from '../contents/extract.ts'
import { inspectFile } from '../contents/inspect-file.ts'
import { listFolder, shownFile } from '../contents/look-inside.ts'
import { type Contents, openContents } from '../contents/open-contents.ts'
import { compareCard } from '../flash/compare-card.ts'
import { readCard } from '../flash/read-card.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { refuseMounted } from '../safety/admit.ts'

interface Place {
  path: string
  partition: number | null
  inside: string
}

export function imageHandlers(os: Operations, parts: EngineParts) {
  return {
    inspect: os.images.inspect.handler(async ({ input: { path } }) => {
      const { format, rawPath } = await parts.unpacked.rawPath(path)
      return { format, facts: rawPath === null ? null : await inspectFile(parts.host.files, rawPath) }
    }),
    unpack: os.images.unpack.handler(({ input: { path } }) => {
      const request = {
        kind: 'image-unpack',
        title: `Unpack ${basename(path)}`,
        steps: ['Unpack'],
        locks: ['unpacked image'],
        repeatable: 'here' as const,
      }
      const started = parts.jobs.start(request, ({ signal, progress }) =>
        parts.unpacked.unpack(path, { signal, onProgress: (done, total) => progress(done, total, 'bytes') }),
      )
      return { jobId: started.id }
    }),
    files: os.images.files.handler(({ input }) => lookInto(input, parts, (contents) => listFolder(contents, input.inside))),
    fileText: os.images.fileText.handler(({ input }) =>
      lookInto(input, parts, async (contents) => ({ text: await shownFile(contents, input.inside) })),
    ),
    read: os.images.read.handler(({ input }) => startReading(input, parts)),
    compare: os.images.compare.handler((request: CompareRequest) => compare(request, parts)),
    extract: os.images.extract.handler(({ input }) => startExtracting(input, parts)),
  }
}

async function lookInto<T>({ path, partition }: Place, parts: EngineParts, work: (contents: Contents) => Promise<T>): Promise<T> {
  const { host, dataFolder, newId } = parts
  const partitions = partition === null ? [] : [String(partition)]
  const { rawPath } = await parts.unpacked.readable(path)
  await using contents = await openContents(rawPath, { files: host.files, folder: `${dataFolder}/tmp/image-${newId()}`, partitions })
  return await work(contents)
}

function startExtracting(input: Place & { to: string }, parts: EngineParts): { jobId: string } {
  const { path, inside, to } = input
  const request = {
    kind: 'image-extract',
    title: `Copy ${inside} out of ${basename(path)}`,
    steps: ['Copy'],
    locks: [to],
    repeatable: 'here' as const,
  }
  const started = parts.jobs.start(request, ({ signal, progress, log }) =>
    lookInto(input, parts, async (contents) => {
      const { fileSystem, path: from } = await contents.find(inside)
      const onProgress = (done: number, total: number): void => progress(done, total, 'bytes')
      const done = await extract(fileSystem, from, { files: parts.host.files, to, signal, onProgress })
      log(`${to}: ${done.fileCount} files, ${done.folderCount} folders, ${done.linkCount} links`)
      for (const each of done.leftOut) log(`left out, neither file, folder nor link: ${each}`)
    }),
  )
  return { jobId: started.id }
}

async function startReading({ path, to }: { path: string; to: string }, parts: EngineParts): Promise<{ jobId: string }> {
  const { jobs, host, drives } = parts
  const drive = (await drives.list({ hasLoops: true, canBePartial: true })).find(({ identity }) => identity.path === path)
  if (drive) refuseMounted(drive)
  const request = {
    kind: 'image-read',
    title: `Read ${drive?.name ?? basename(path)} into ${basename(to)}`,
    steps: ['Read'],
    locks: [path, to],
    repeatable: 'here' as const,
  }
  const started = jobs.start(request, async ({ signal, progress, log }) => {
    const onProgress = (done: number, total: number): void => progress(done, total, 'bytes')
    const warn = (text: string): void => log(`warning: ${text}`)
    const { imageBytes, mappedBytes, sha256 } = await readCard(path, { files: host.files, to, signal, onProgress, warn })
    log(`${to}: ${mappedBytes} of ${imageBytes} bytes are mapped, SHA-256 ${sha256}`)
  })
  return { jobId: started.id }
}

interface CompareRequest {
  input: { card: string; image: string }
  signal?: AbortSignal | undefined
}

async function* compare({ input, signal }: CompareRequest, { host, unpacked }: EngineParts) {
  try {
    const { rawPath } = await unpacked.readable(input.image)
    yield* compareCard(host.files, { card: input.card, image: rawPath, named: input.image }, signal)
  } catch (thrown) {
    throw toWire(toAppError(thrown))
  }
}
