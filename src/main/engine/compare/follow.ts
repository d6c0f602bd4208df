import type { Comparing, Comparison, FileChange } from '../../contract/comparisons.ts'
import { Changes, liveValue } from '../lib/changes.ts'
import { type CompareOptions, compareArtifacts } from './compare.ts'

/** Changes that one answer carries: more are counted. */
const LISTED = 20_000

/** Compares while it is followed: how far it is, in the end the answer. It is cancelled when its reader goes or `signal` aborts. */
export async function* followComparison(
  paths: readonly [string, string],
  { signal, ...options }: Omit<CompareOptions, 'onProgress' | 'hasText'>,
): AsyncGenerator<Comparing, void, void> {
  const changes = new Changes()
  const left = new AbortController()
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  let now: Comparing = { state: 'running', step: 'read-a', done: 0, total: 0 }
  const become = (next: Comparing): void => {
    now = next
    changes.bump()
  }
  const onProgress: CompareOptions['onProgress'] = (step, done, total) => become({ state: 'running', step, done, total })
  const work = compareArtifacts(paths, { ...options, signal: either, hasText: true, onProgress }).then((found) => become(listed(found)))
  // Whoever reads on hears of a failure at once; one who has gone does not.
  const failed = work.then(() => new Promise<never>(() => undefined))
  failed.catch(() => undefined)
  const values = liveValue(either, [changes], () => now)
  try {
    for (;;) {
      const next = await Promise.race([values.next(), failed])
      if (next.done) return
      yield next.value
    }
  } finally {
    left.abort()
    await work.catch(() => undefined)
    await values.return()
  }
}

/** The answer as it travels: without what differs in nothing but its time, and no more than can be looked through. */
function listed(comparison: Comparison): Comparing {
  let [room, timeOnlyCount, unlistedCount] = [LISTED, 0, 0]
  const payload = comparison.payload.map((file) => {
    if (file.contents?.kind !== 'ext4') return file
    const told = file.contents.changes.filter((change) => !isTimeAlone(change))
    const changes = told.slice(0, room)
    timeOnlyCount += file.contents.changes.length - told.length
    unlistedCount += told.length - changes.length
    room -= changes.length
    return { ...file, contents: { ...file.contents, changes } }
  })
  return { state: 'done', comparison: { ...comparison, payload }, timeOnlyCount, unlistedCount }
}

function isTimeAlone({ change, differs }: FileChange): boolean {
  return change === 'changed' && differs.every((field) => field === 'modifiedAt')
}
