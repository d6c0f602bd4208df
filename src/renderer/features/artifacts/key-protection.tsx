import { plural, t } from '@lingui/core/macro'
import { Lock, LockOpen } from 'lucide-react'
import { useLive } from '../../app/use-live.ts'
import styles from './keys.module.css'

/** How the private halves lie on the disk, said plainly. */
export function KeyProtectionNotice() {
  const { value } = useLive('keys.protection', (engine, signal) => engine.keys.protection(undefined, { signal }))
  if (value === null) return null
  const { keychain, why, locked } = value
  return (
    <div className={styles.protection}>
      {keychain === null ? <LockOpen size={14} aria-hidden /> : <Lock size={14} aria-hidden />}
      <p>
        {keychain === null
          ? t`Private keys are files that only you can read, not encrypted. ${why}`
          : t`Private keys are sealed with ${keychain}: only you, on this machine, can sign with them.`}
        {locked.length > 0 && (
          <strong>
            {t` ${plural(locked.length, { one: '# key cannot sign', other: '# keys cannot sign' })}: ${locked.join(', ')}. Sealed by a keychain that is not open here.`}
          </strong>
        )}
      </p>
    </div>
  )
}
