import type Database from 'better-sqlite3'
import type { z } from 'zod'
import { AppError } from '../../contract/errors.ts'

/** The one connection that every table group works on. */
export type Db = Database.Database

/** A JSON column as the value its schema describes; INTERNAL when the file was changed by other hands. */
export function readJson<S extends z.ZodType>(schema: S, text: string, what: string): z.output<S> {
  const parsed = schema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new AppError(
    'INTERNAL',
    `The database holds an unreadable ${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    'Restore the data folder from a backup, or report this with the database.',
  )
}

/** SQLite knows 0 and 1 only. */
export const toBit = (value: boolean): 0 | 1 => (value ? 1 : 0)
