/** Who is told of in a corner of the window. */
export interface Corner {
  /** Of whom it was so at the last look; null before the first. */
  known: ReadonlySet<string> | null
  /** Who was told of, and is still there. */
  open: readonly string[]
  /** They are told of in one word, until that is taken away. */
  isTogether: boolean
}

export const EMPTY_CORNER: Corner = { known: null, open: [], isTogether: false }

/** So many are told of one by one: more would wait behind each other. */
const APART = 3

/** Another look: who has come since is told of, and who is gone no more. What was so before the first look is not told. */
export function look(ids: readonly string[], { known, open, isTogether }: Corner): Corner {
  const now = new Set(ids)
  const told = [...open.filter((id) => now.has(id)), ...(known === null ? [] : ids.filter((id) => !known.has(id)))]
  return { known: now, open: told, isTogether: told.length > APART || (isTogether && told.length > 0) }
}
