import { t } from '@lingui/core/macro'
import type { StationView } from '@contract/station.ts'
import { type FormEvent, useRef } from 'react'
import { useAction } from '../../app/use-action.ts'
import styles from './station.module.css'

interface ScanLineProps {
  said: StationView['said']
  onLeave: () => void
}

/** Where a scanner types: it has the focus whatever is pressed. */
export function ScanLine({ said, onLeave }: ScanLineProps) {
  const field = useRef<HTMLInputElement>(null)
  const leave = useRef<HTMLButtonElement>(null)
  // What was not understood is said by the station itself, in large letters.
  const scan = useAction((engine, line: string) => engine.station.scan({ line }).catch(() => null))
  function submit(event: FormEvent): void {
    event.preventDefault()
    const text = field.current?.value.trim() ?? ''
    if (field.current) field.current.value = ''
    if (text !== '') scan.run(text)
  }
  return (
    <footer className={styles.foot}>
      <form className={styles.scan} onSubmit={submit}>
        <label htmlFor="station-scan">{t`Scan or type`}</label>
        <input
          ref={field}
          id="station-scan"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the operator has nothing else to type into
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder={t`Work order or serial number`}
          onBlur={({ relatedTarget }) => {
            if (relatedTarget !== leave.current) setTimeout(() => field.current?.focus())
          }}
        />
      </form>
      <output className={styles.said} data-wrong={said?.isWrong ?? false} aria-label={t`Answer`}>
        {said?.text ?? ''}
      </output>
      <button ref={leave} type="button" className={styles.button} onClick={onLeave}>
        {t`Leave…`}
      </button>
    </footer>
  )
}
