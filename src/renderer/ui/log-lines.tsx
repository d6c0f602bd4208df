import { t } from '@lingui/core/macro'
import styles from './log-lines.module.css'

export interface LogLine {
  at: string
  level: string
  message: string
}

/** A log as its device wrote it. */
export function LogLines({ lines }: { lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className="dim">{t`The log is empty.`}</p>
  return (
    <ol className={styles.log} aria-label={t`Device log`}>
      {lines.map((line, index) => (
        <li key={`${index}${line.at}`} data-level={line.level.toLowerCase()}>
          <time>{line.at.replace('T', ' ').replace(/^\d{4}-/, '')}</time>
          <span>{line.level}</span>
          <span>{line.message}</span>
        </li>
      ))}
    </ol>
  )
}
