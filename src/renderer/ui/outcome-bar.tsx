import type { Deployment } from '@contract/deployments.ts'
import { outcomeParts } from './deployment-states.ts'
import styles from './outcome-bar.module.css'

/** The devices of a deployment by outcome: a bar, and the same in words. */
export function OutcomeBar({ statistics, deviceCount }: Pick<Deployment, 'statistics' | 'deviceCount'>) {
  const parts = outcomeParts(statistics)
  return (
    <div className={styles.outcome}>
      <div className={styles.bar} aria-hidden>
        {parts.map((part) => (
          <span
            key={part.word}
            className={styles.part}
            data-token={part.token}
            style={{ flexGrow: part.count / Math.max(1, deviceCount) }}
          />
        ))}
      </div>
      <div className={styles.words}>
        {parts.map((part) => (
          <span key={part.word} className={styles.word} data-token={part.token}>
            {part.count} {part.word.toLowerCase()}
          </span>
        ))}
      </div>
    </div>
  )
}
