import type { LucideIcon } from 'lucide-react'
import type { Token } from './card-states.ts'
import styles from './state-word.module.css'

interface StateWordProps {
  word: string
  icon: LucideIcon
  token: Token
  /** Turns the icon, for work that is under way. */
  isTurning?: boolean
}

/** Icon and WORD of a state in its colour. */
export function StateWord({ word, icon: Icon, token, isTurning }: StateWordProps) {
  return (
    <span className={styles.word} data-token={token}>
      <Icon className={isTurning ? styles.turning : undefined} size={14} strokeWidth={2.25} aria-hidden />
      {word}
    </span>
  )
}
