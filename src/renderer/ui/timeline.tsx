import { t } from '@lingui/core/macro'
import type { Cause, TimelineEntry } from '@contract/devices.ts'
import { CircleAlert, CornerDownRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { preciseClock } from './format.ts'
import styles from './timeline.module.css'
import { LANE_NAMES, TimelineLanes } from './timeline-lanes.tsx'

interface TimelineProps {
  entries: readonly TimelineEntry[]
  cause: Cause | null
}

/** What happened to a device, all sources on one clock. Opens at the entry that explains the outcome, when one is known. */
export function Timeline({ entries, cause }: TimelineProps) {
  const causeId = cause?.entryId ?? null
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (causeId === null) return
    const line = list.current?.querySelector<HTMLElement>(`[data-entry="${causeId}"]`)
    // Only the list scrolls: scrollIntoView would move everything around it too.
    if (list.current && line) list.current.scrollTop = line.offsetTop - list.current.clientHeight / 2
  }, [causeId])
  return (
    <>
      {cause !== null && <CauseNote cause={cause} />}
      <TimelineLanes entries={entries} causeId={causeId} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <ol className={styles.list} ref={list} tabIndex={0} aria-label={t`Timeline`}>
        {entries.map((entry) => (
          <li
            key={entry.id}
            data-entry={entry.id}
            className={styles.entry}
            data-level={entry.level}
            data-cause={entry.id === causeId}
            aria-current={entry.id === causeId ? 'true' : undefined}
          >
            <time className={styles.time}>{preciseClock(entry.at)}</time>
            <span className={styles.lane}>{LANE_NAMES[entry.lane]}</span>
            <span className={styles.text}>
              {entry.level !== 'info' && <span className={styles.level}>{entry.level === 'error' ? '× ' : '! '}</span>}
              {entry.text}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}

function CauseNote({ cause }: { cause: Cause }) {
  return (
    <section className={styles.cause} aria-label={t`Why`}>
      <p className={styles.summary}>
        <CircleAlert size={15} strokeWidth={2.25} aria-hidden /> {cause.summary}
      </p>
      <p className={styles.remedy}>
        <CornerDownRight size={14} aria-hidden /> {cause.remedy}
      </p>
    </section>
  )
}
