import { t } from '@lingui/core/macro'
import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './station.module.css'

/** The PIN by which an operator does not leave. */
export function PinField({ hasPin }: { hasPin: boolean }) {
  const [pin, setPin] = useState('')
  const [oldPin, setOld] = useState('')
  const save = useAction(
    (engine) => engine.station.setPin({ oldPin: hasPin ? oldPin : null, pin: pin === '' ? null : pin }),
    () => {
      setPin('')
      setOld('')
    },
  )
  return (
    <div className={`${styles.wide} ${styles.pin}`}>
      {hasPin && (
        <PasswordInput
          size="xs"
          label={t`Current PIN`}
          inputMode="numeric"
          value={oldPin}
          onChange={({ currentTarget }) => setOld(currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t`Show the current PIN` }}
        />
      )}
      <PasswordInput
        size="xs"
        label={hasPin ? t`New PIN` : t`PIN to leave the station`}
        placeholder={hasPin ? t`Empty: none` : t`4 to 12 digits; empty: none`}
        inputMode="numeric"
        value={pin}
        onChange={({ currentTarget }) => setPin(currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t`Show the PIN` }}
      />
      <May group="station.setPin">
        <Button variant="default" disabled={hasPin ? oldPin === '' : pin === ''} loading={save.isBusy} onClick={() => save.run()}>
          {hasPin && pin === '' ? t`Remove it` : t`Set`}
        </Button>
      </May>
    </div>
  )
}
