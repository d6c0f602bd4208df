import { t } from '@lingui/core/macro'
import type { StationLane } from '@contract/station.ts'
import styles from './station.module.css'
import { lookOf, percentOf } from './station-words.ts'

/** One reader: a word, a shape and a colour. */
export function LaneTile({ lane, number }: { lane: StationLane; number: number }) {
  const { tone, icon: Icon } = lookOf(lane)
  const { word, serial, detail, slot } = lane
  const percent = percentOf(lane)
  const name = [t`Reader ${number}`, word, serial ?? ''].filter((part) => part !== '').join(', ')
  return (
    <article className={styles.lane} data-tone={tone} aria-label={name}>
      <header className={styles.laneHead}>
        <h2>{t`Reader ${number}`}</h2>
        <span className={styles.slot} title={slot}>
          {slot}
        </span>
      </header>
      <p className={styles.word}>
        <Icon className={styles.icon} strokeWidth={2.5} aria-hidden />
        {word}
      </p>
      <p className={styles.serial}>{serial ?? ' '}</p>
      {percent !== null && tone === 'work' ? (
        <progress className={styles.bar} aria-label={`${word} ${serial ?? ''}`} value={percent} max={100} />
      ) : (
        <p className={styles.detail}>{detail}</p>
      )}
    </article>
  )
}
