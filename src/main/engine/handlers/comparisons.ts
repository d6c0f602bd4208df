import { AppError, toAppError, toWire } from '../../contract/errors.ts'
import { limitsWith } from '../artifact/limits.ts'
import { followComparison } from '../compare/follow.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

type Side = { id: string } | { path: string; allowExpansion: boolean }

interface Request<S> {
  input: { a: S; b: S }
  signal?: AbortSignal | undefined
}

export function comparisonHandlers(os: Operations, parts: EngineParts) {
  return {
    ofLibrary: os.comparisons.ofLibrary.handler(({ input: { a, b }, signal }: Request<string>) =>
      compare({ input: { a: { id: a }, b: { id: b } }, signal }, parts),
    ),
    ofFiles: os.comparisons.ofFiles.handler((request: Request<Side>) => compare(request, parts)),
  }
}

async function* compare({ input, signal }: Request<Side>, parts: EngineParts) {
  const { artifactFolder, host, newId } = parts
  try {
    yield* followComparison([pathOf(input.a, parts), pathOf(input.b, parts)], {
      files: host.files,
      folder: `${artifactFolder}/tmp/compare-${newId()}`,
      keys: parts.verificationKeys(),
      limits: [limitsOf(input.a), limitsOf(input.b)],
      signal,
    })
  } catch (thrown) {
    throw toWire(toAppError(thrown))
  }
}

/** What is in the library was let in as it is. */
const limitsOf = (side: Side) => limitsWith({ allowExpansion: 'id' in side || side.allowExpansion })

function pathOf(side: Side, { actions, store }: EngineParts): string {
  if ('path' in side) return side.path
  if (!store.artifacts.get(side.id)) throw new AppError('NOT_FOUND', `There is no artifact ${side.id}`, 'It may have been removed.')
  return actions.artifactFiles.path(side.id)
}
