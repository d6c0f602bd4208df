import { t } from '@lingui/core/macro'
import styles from './byte-bar.module.css'
import { bytes, percent } from './format.ts'

interface ByteBarProps {
  doneBytes: number
  totalBytes: number
  label: string
  /** Reading back rather than writing. */
  isHatched?: boolean
}

/** A progress bar over real bytes, with the figures beside it. */
export function ByteBar({ doneBytes, totalBytes, label, isHatched }: ByteBarProps) {
  const done = percent(doneBytes, totalBytes)
  const text = t`${done} %, ${bytes(doneBytes)} of ${bytes(totalBytes)}`
  return (
    <div className={styles.row}>
      <div
        className={styles.track}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- progress takes no valuetext of its own, and no look
        role="progressbar"
        aria-label={label}
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={text}
      >
        <div className={styles.fill} data-hatched={isHatched} style={{ transform: `translateX(${done - 100}%)` }} />
      </div>
      <span className={styles.percent}>{done} %</span>
      <span className={styles.figures}>
        {bytes(doneBytes)} / {bytes(totalBytes)}
      </span>
    </div>
  )
}

/** A bar for work without figures. */
export function WaitBar({ label }: { label: string }) {
  return (
    <div className={styles.row}>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above */}
      <div className={styles.track} role="progressbar" aria-label={label}>
        <div className={styles.wait} />
      </div>
    </div>
  )
}
