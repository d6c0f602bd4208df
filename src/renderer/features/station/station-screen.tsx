import { t } from '@lingui/core/macro'
import type { StationView } from '@contract/station.ts'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { EngineNotice } from '../../app/engine-notice.tsx'
import { useConnection } from '../../app/connection-context.tsx'
import { playEnd } from '../../ui/play-end.ts'
import { Spoken } from '../../ui/spoken.tsx'
import { LaneTile } from './lane-tile.tsx'
import { LeaveStation } from './leave-station.tsx'
import { ScanLine } from './scan-line.tsx'
import styles from './station.module.css'
import { type UnitCounts, endedGood, stationNews, yieldOf } from './station-words.ts'
import { useStation } from './use-station.ts'

/** While the station is on, it is all that there is: the operator's screen, for the keyboard and a scanner. */
export function StationScreen() {
  const view = useStation().value
  return view === null || view.state === 'off' ? null : <Operating view={view} />
}

function Operating({ view }: { view: StationView }) {
  const [isLeaving, setLeaving] = useState(false)
  const { desktop } = useConnection()
  const screen = useRef<HTMLDialogElement>(null)
  // What lies behind it is out of reach, for the keyboard too.
  useLayoutEffect(() => {
    screen.current?.showModal()
  }, [])
  useEffect(() => {
    // A browser has no window of its own; the page goes on without.
    void desktop?.setFullScreen({ isOn: true }).catch(() => undefined)
    return () => void desktop?.setFullScreen({ isOn: false }).catch(() => undefined)
  }, [desktop])
  useEndTones(view)
  return (
    <dialog
      ref={screen}
      className={styles.screen}
      aria-modal="true"
      aria-label={t`Station`}
      onCancel={(event) => event.preventDefault()}
      onClose={() => screen.current?.showModal()}
    >
      <EngineNotice />
      <Head view={view} />
      <div className={styles.lanes} data-count={Math.max(1, view.lanes.length)}>
        {view.state === 'preparing' && <p className={styles.preparing}>{t`READING THE IMAGE`}</p>}
        {view.lanes.map((lane, index) => (
          <LaneTile key={lane.slot} lane={lane} number={index + 1} />
        ))}
      </div>
      {isLeaving ? (
        <LeaveStation view={view} onStay={() => setLeaving(false)} />
      ) : (
        <ScanLine said={view.said} onLeave={() => setLeaving(true)} />
      )}
      <Spoken value={view} news={stationNews} />
    </dialog>
  )
}

function Head({ view }: { view: StationView }) {
  const { order, good, failed, operator } = view
  return (
    <header className={styles.head}>
      <div>
        <h1 className={styles.order}>{order?.name ?? t`No work order`}</h1>
        <p className={styles.sub}>{operator}</p>
      </div>
      <p className={styles.counter} aria-label={t`Good units`}>
        {order === null ? good : `${order.good} / ${order.total}`}
      </p>
      <dl className={styles.figures}>
        <div>
          <dt>{t`good`}</dt>
          <dd>{good}</dd>
        </div>
        <div data-bad={failed > 0}>
          <dt>{t`failed`}</dt>
          <dd>{failed}</dd>
        </div>
        <div>
          <dt>{t`yield`}</dt>
          <dd>{yieldOf(view).replace('yield ', '') || '–'}</dd>
        </div>
      </dl>
    </header>
  )
}

/** A tone for each unit that ends while the screen stands, up or down. */
function useEndTones({ good, failed }: StationView): void {
  const before = useRef<UnitCounts | null>(null)
  useEffect(() => {
    const isGood = endedGood(before.current, { good, failed })
    before.current = { good, failed }
    if (isGood !== null) playEnd(isGood)
  }, [good, failed])
}
