import { join } from 'node:path'
import type { Comparison, ComparisonStep } from '../../contract/comparisons.ts'
import { type DiffSide, diffArtifacts, isSame } from '../artifact/diff.ts'
import { DEFAULT_LIMITS, type Limits } from '../artifact/limits.ts'
import { checkArtifact } from '../artifact/read.ts'
import type { VerificationKey } from '../artifact/sign.ts'
import type { Files } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import { type ImagePlace, compareImages, imageSink } from './images.ts'

export interface CompareOptions {
  files: Files
  /** For images that must be decompressed. It is made, and removed with what is in it. */
  folder: string
  keys?: readonly VerificationKey[]
  /** Whether small texts inside images are compared line by line too. */
  hasText?: boolean
  /** Of one and of the other. */
  limits?: readonly [Limits, Limits]
  signal?: AbortSignal | undefined
  onProgress: (step: ComparisonStep, done: number, total: number) => void
}

/**
 * What differs between two `.mender` files: header, scripts, payload, and the files inside ext2, 3 and 4 images. Both are read and
 * checked whole: ARTIFACT_INVALID, EXPANSION_LIMIT and NOT_FOUND as in reading them.
 */
export async function compareArtifacts([pathA, pathB]: readonly [string, string], options: CompareOptions): Promise<Comparison> {
  const { files, folder } = options
  try {
    const a = await readSide(pathA, 'read-a', options)
    const b = await readSide(pathB, 'read-b', options)
    const found = diffArtifacts(a, b)
    const payload: Comparison['payload'] = []
    for (const change of found.payload) {
      const [imageA, imageB] = [a.images.get(change.a?.name ?? ''), b.images.get(change.b?.name ?? '')]
      payload.push({ ...change, contents: imageA && imageB ? await contents(imageA, imageB, options) : null })
    }
    return { ...found, payload, isSame: isSame(found), a: a.content, b: b.content }
  } finally {
    await files.remove(folder)
  }
}

function contents(a: ImagePlace, b: ImagePlace, { files, signal, hasText = false, onProgress }: CompareOptions) {
  return compareImages(files, a, b, { signal, hasText, onProgress: (done, total) => onProgress('files', done, total) })
}

type Side = DiffSide & { images: Map<string, ImagePlace> }

/** One pass over an artifact: everything is checked, scripts are kept, ext images are made readable at any place. */
async function readSide(artifactPath: string, step: 'read-a' | 'read-b', options: CompareOptions): Promise<Side> {
  const { files, keys = [], signal, onProgress } = options
  const limits = options.limits?.[step === 'read-a' ? 0 : 1] ?? DEFAULT_LIMITS
  const scripts = new Map<string, Uint8Array>()
  const images = new Map<string, ImagePlace>()
  const folder = join(options.folder, step)
  await files.makeFolder(folder)
  await using file = await files.open(artifactPath, 'read')
  const totalBytes = await file.sizeBytes()
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    let done = 0
    for await (const chunk of readAhead(file)) {
      done += chunk.length
      onProgress(step, done, totalBytes)
      yield chunk
    }
  }
  const content = await checkArtifact(counted(), {
    keys,
    totalBytes,
    limits,
    signal,
    onScript: async (name, script) => {
      await Promise.resolve(scripts.set(name, script))
    },
    onPayloadFile: imageSink({ files, artifactPath, folder, onImage: (name, place) => images.set(name, place) }),
  })
  return { content, scripts, images }
}
