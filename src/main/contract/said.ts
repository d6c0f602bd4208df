/** The fields of answers in which the engine speaks: English sentences, which the page says in its reader's language. What else is a text is data. */
const SAID: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'title',
  'steps',
  'step',
  'summary',
  'remedy',
  'why',
  'silentWhy',
  'stoppedWhy',
  'reason',
  'explanation',
  'mismatch',
  'text',
  'detail',
  'problem',
  'warnings',
  'notes',
  'changed',
  'unchanged',
  'leftOut',
  'what',
  'content',
  'lastError',
  'error',
  'actor',
])

/** Lanes of a timeline, in which the device speaks. */
const DEVICE_LANES: ReadonlySet<unknown> = new Set(['log', 'serial'])

/** Fields in which the engine speaks, whatever they are in. */
export const SAID_FIELDS: readonly string[] = [...SAID]

/** Whether the engine speaks in this field of this part of an answer. */
export function isSaid(field: string, part: Readonly<Record<string, unknown>>): boolean {
  // the lines of a planned step; others are those of a file or a console
  if (field === 'lines') return typeof part['step'] === 'string'
  if (field === 'text' && DEVICE_LANES.has(part['lane'])) return false
  // what a place is, where nobody has named it
  if (field === 'name') return 'parentId' in part
  // the log that a device has sent
  if (field === 'message' && typeof part['level'] === 'string') return false
  return SAID.has(field)
}
