import { t } from '@lingui/core/macro'
import type { StationView } from '@contract/station.ts'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import styles from './station.module.css'

interface LeaveStationProps {
  view: StationView
  onStay: () => void
}

/** Ends the station: by its PIN, where there is one. */
export function LeaveStation({ view, onStay }: LeaveStationProps) {
  const connection = useConnection()
  const [pin, setPin] = useState('')
  const [refusal, setRefusal] = useState('')
  const [isBusy, setBusy] = useState(false)
  async function leave(): Promise<void> {
    setBusy(true)
    try {
      const { engine } = await connection.opened()
      await engine.station.stop({ pin: view.hasPin ? pin : null })
    } catch (thrown) {
      const { message, hint } = connection.explain(thrown)
      setRefusal(`${message}. ${hint}`)
      setPin('')
    } finally {
      setBusy(false)
    }
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    void leave()
  }
  const stay = ({ key }: KeyboardEvent): void => void (key === 'Escape' && onStay())
  const busy = view.lanes.filter(({ word }) => !RESTING.has(word)).length
  return (
    <footer className={styles.foot}>
      <form className={styles.scan} onSubmit={submit}>
        {view.hasPin ? (
          <>
            <label htmlFor="station-pin">{t`PIN`}</label>
            <input
              id="station-pin"
              type="password"
              inputMode="numeric"
              autoComplete="off"
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever asked to leave types it next
              autoFocus
              value={pin}
              onChange={(event) => setPin(event.currentTarget.value)}
              onKeyDown={stay}
            />
          </>
        ) : (
          <p>{t`Leave the station?`}</p>
        )}
        <button type="submit" className={styles.button} disabled={isBusy} onKeyDown={stay}>
          {t`Leave`}
        </button>
        <button type="button" className={styles.button} onClick={onStay} onKeyDown={stay}>
          {t`Stay`}
        </button>
      </form>
      <output className={styles.said} data-wrong={refusal !== ''} aria-label={t`Answer`}>
        {refusal || (busy > 0 ? t`${busy} of the cards will be taken back.` : '')}
      </output>
    </footer>
  )
}

const RESTING: ReadonlySet<string> = new Set([t`NO ORDER`, t`ORDER DONE`, t`INSERT CARD`, t`REMOVE CARD`, t`FAILED`])
