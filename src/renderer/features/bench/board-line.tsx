import { t } from '@lingui/core/macro'
import { useBoard } from '../../app/facts.tsx'
import { claimedText, diskText, memoryText, seenText } from './board-words.ts'
import styles from './device-card.module.css'

/** Of a virtual board: what runs, as seen on serial, beside what its client says. */
export function BoardLine({ name }: { name: string }) {
  const board = useBoard(name)
  if (board === undefined) return <p className={styles.poll} />
  const size = t`Memory: ${memoryText(board)}. On disk: ${diskText(board)}`
  return (
    <p className={styles.poll} data-mismatch={board.mismatch !== null} title={size}>
      <span>{t`runs ${seenText(board)}`}</span>
      <span>{t`client says ${claimedText(board)}`}</span>
    </p>
  )
}
