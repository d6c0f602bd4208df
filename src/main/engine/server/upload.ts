import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'

/** The longest text field of an upload. */
export const FIELD_LIMIT_BYTES = 16 * 1024

export interface UploadedFile {
  /** As the client calls it; never a path here. */
  name: string
  chunks: AsyncIterable<Uint8Array>
}

export interface Upload<T> {
  fields: Map<string, string>
  /** What `take` made of the file. */
  taken: T
}

/**
 * Reads a multipart upload of one file, its fields in any order; `take` gets the file as it comes. The rest of a refused upload is
 * read and dropped, because a client that is cut off while it sends never sees why. What was taken is disposed of when a later field
 * is refused.
 */
export async function readUpload<T extends AsyncDisposable>(
  request: FastifyRequest,
  take: (file: UploadedFile) => Promise<T>,
): Promise<Upload<T>> {
  if (!request.isMultipart())
    throw new AppError('BAD_INPUT', 'An upload is multipart/form-data', 'Send the file in a field with a file name.')
  await using kept = new AsyncDisposableStack()
  const fields = new Map<string, string>()
  let taken: T | null = null
  for await (const part of wellFormed(request.parts())) {
    if (part.type === 'file') {
      taken = await takeOnce(part.file, taken, () => take({ name: part.filename, chunks: chunksOf(part.file) }))
      kept.use(taken)
    } else if (part.valueTruncated)
      throw new AppError('BAD_INPUT', `The field ${part.fieldname} is longer than ${FIELD_LIMIT_BYTES} bytes`, 'Shorten it.')
    else fields.set(part.fieldname, joined(fields.get(part.fieldname), String(part.value)))
  }
  if (!taken) throw new AppError('BAD_INPUT', 'The upload has no file', 'Send it in a field with a file name.')
  kept.move()
  return { fields, taken }
}

/** A field that comes several times is a list. */
function joined(earlier: string | undefined, value: string): string {
  return earlier === undefined ? value : `${earlier},${value}`
}

function chunksOf(file: Readable): AsyncIterable<Uint8Array> {
  return wellFormed(file.iterator({ destroyOnReturn: false }))
}

/** What the parser hands on. Its failures are the client's: a form without a boundary, or cut short. */
async function* wellFormed<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  try {
    yield* source
  } catch (thrown) {
    if (!(thrown instanceof Error) || 'statusCode' in thrown) throw thrown
    throw new AppError('BAD_INPUT', `The upload is malformed: ${thrown.message}`, 'Send it whole, as multipart/form-data.', thrown)
  }
}

async function takeOnce<T>(file: Readable, earlier: T | null, take: () => Promise<T>): Promise<T> {
  try {
    if (earlier !== null) throw new AppError('BAD_INPUT', 'The upload has more than one file', 'Upload one at a time.')
    return await take()
  } catch (thrown) {
    if (!file.destroyed) await finished(file.resume())
    throw thrown
  }
}
