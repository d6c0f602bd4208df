import { t } from '@lingui/core/macro'
import type { Board, UpdateKind } from '@contract/boards.ts'
import { bytes } from '../../ui/format.ts'

/** Which system runs, as its console showed: `A · board-1`. */
export function seenText({ seen, isOn }: Pick<Board, 'seen' | 'isOn'>): string {
  if (seen === null) return isOn ? t`not seen yet` : t`nothing`
  return [seen.slot ?? t`partition ${seen.partition}`, seen.artifactName].filter((part) => part !== null).join(' · ')
}

/** What its client has told the server. */
export const claimedText = ({ claimed }: Pick<Board, 'claimed'>): string => claimed?.artifactName ?? t`nothing yet`

/** What it takes of this machine's memory, and the most that it may. */
export function memoryText({ takes }: Pick<Board, 'takes'>): string {
  return t`${takes.memoryBytes === null ? t`none` : bytes(takes.memoryBytes)} of at most ${bytes(takes.memoryLimitBytes)}`
}

/** What it takes of this machine's disk. */
export function diskText({ takes, diskBytes }: Pick<Board, 'takes' | 'diskBytes'>): string {
  return t`${bytes(takes.diskBytes)}; its card has ${bytes(diskBytes)}`
}

/** How an update for boards turns out. */
export const UPDATE_KINDS: Readonly<Record<UpdateKind, string>> = {
  good: t`good: it starts, and is kept`,
  'init-panics': t`its init ends: the kernel panics`,
  'init-hangs': t`its init hangs`,
  'no-kernel': t`it has no kernel`,
  'no-network': t`it has no network`,
  'commit-fails': t`a state script refuses the commit`,
}

/** A name for what follows on an artifact: `board-2` for `board-1`. */
export function nextName(artifactName: string): string {
  const [, stem = artifactName, digits] = /^(.*?)(\d{1,9})$/.exec(artifactName) ?? []
  return digits === undefined ? `${artifactName}-2` : `${stem}${Number(digits) + 1}`
}
