import type { Change } from '@contract/comparisons.ts'
import { CHANGES } from './compare-words.ts'
import styles from './compare.module.css'

/** `+`, `−` or `~`, and the word for who cannot see it. */
export function Sign({ change }: { change: Change }) {
  return (
    <span className={styles.sign} data-change={change} title={CHANGES[change].word}>
      <span aria-hidden>{CHANGES[change].sign}</span>
      <span className="sr-only">{CHANGES[change].word} </span>
    </span>
  )
}
