import { Option } from 'commander'
import { DEFAULT_LIMITS } from '../../engine/artifact/limits.ts'

/** The flag of every command that reads payloads. */
export interface ExpansionFlag {
  allowExpansion?: boolean
}

const { expandedRatio, expandedFloor } = DEFAULT_LIMITS

/** What the limit is, for the flag and the notes. */
export const EXPANSION_LIMIT = `${expandedRatio} times what is stored and ${expandedFloor / 2 ** 20} MiB`

export const EXPANSION_NOTES = `
A payload that expands to more than ${EXPANSION_LIMIT} is refused before it is expanded, with
EXPANSION_LIMIT: a file of 20 KB can be made to hold 500 MiB. So is that of an image with next to nothing in it; write, recompress and
the commands that change files inside say so when they make one. Clients install it. --allow-expansion lifts the limit wherever payloads
are read, also for what is uploaded: artifacts upload and serve take it as well.`

export function allowExpansionOption(): Option {
  return new Option('--allow-expansion', `let a payload expand to more than ${EXPANSION_LIMIT}`)
}
