import { t } from '@lingui/core/macro'
import type { TimelineEntry } from '@contract/devices.ts'
import { clock } from './format.ts'
import styles from './timeline.module.css'

const LANES = ['http', 'state', 'boot', 'serial', 'power', 'log'] as const
const LANE_HEIGHT = 14
export const LANE_NAMES = { http: 'http', state: t`state`, boot: t`boot`, serial: t`serial`, power: t`power`, log: t`log` } as const

interface TimelineLanesProps {
  entries: readonly TimelineEntry[]
  causeId: number | null
}

/** The same entries as marks on one time scale, a lane a source: the order of things at a glance. */
export function TimelineLanes({ entries, causeId }: TimelineLanesProps) {
  const first = entries[0]
  const last = entries.at(-1)
  if (first === undefined || last === undefined) return null
  const length = Math.max(1, last.at - first.at)
  const at = (entry: TimelineEntry): string => `${1 + ((entry.at - first.at) / length) * 98}%`
  const used = LANES.filter((lane) => entries.some((entry) => entry.lane === lane))
  const cause = entries.find((entry) => entry.id === causeId)
  return (
    <div className={styles.lanes} aria-hidden>
      <div className={styles.laneNames}>
        {used.map((lane) => (
          <span key={lane}>{LANE_NAMES[lane]}</span>
        ))}
      </div>
      <svg className={styles.chart} height={used.length * LANE_HEIGHT}>
        {used.map((lane, index) => (
          <line key={lane} className={styles.rule} x1="0" x2="100%" y1={(index + 0.5) * LANE_HEIGHT} y2={(index + 0.5) * LANE_HEIGHT} />
        ))}
        {cause !== undefined && <line className={styles.causeLine} x1={at(cause)} x2={at(cause)} y1="0" y2="100%" />}
        {entries.map((entry) => {
          const y = used.indexOf(entry.lane) * LANE_HEIGHT
          return (
            <rect
              key={entry.id}
              className={styles.mark}
              data-level={entry.level}
              x={at(entry)}
              y={y + 3}
              width={3}
              height={LANE_HEIGHT - 6}
              rx={1}
            />
          )
        })}
      </svg>
      <span />
      <div className={styles.scale}>
        <span>{clock(first.at)}</span>
        <span>{clock(last.at)}</span>
      </div>
    </div>
  )
}
