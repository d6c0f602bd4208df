import type { Board } from '@contract/boards.ts'

/** Which system runs, as its console showed: `A · board-1`. */
export function seenText({ seen, isOn }: Pick<Board, 'seen' | 'isOn'>): string {
  if (seen === null) return isOn ? 'not seen yet' : 'nothing'
  return [seen.slot ?? `partition ${seen.partition}`, seen.artifactName].filter((part) => part !== null).join(' · ')
}

/** What its client has told the server. */
export const claimedText = ({ claimed }: Pick<Board, 'claimed'>): string => claimed?.artifactName ?? 'nothing yet'
