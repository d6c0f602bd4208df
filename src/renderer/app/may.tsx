import { type UserRole, roleNeeded, roleRefusal } from '@contract/roles.ts'
import type { ReactNode } from 'react'
import { useAccount } from './facts.tsx'
import styles from './may.module.css'

/** Why the user may not give orders of this group of operations, or this one of them; null when nothing stands against it. */
export function useRefusal(group: string): string | null {
  const role: UserRole = useAccount().value?.role ?? 'engineer'
  return roleRefusal(role, roleNeeded(group, 'order'))
}

/** What gives orders of a group: it is there for everybody, and says why it does nothing for who may not. */
export function May({ group, children }: { group: string; children: ReactNode }) {
  const why = useRefusal(group)
  if (why === null) return children
  return (
    <fieldset className={styles.may} disabled title={why}>
      {children}
    </fieldset>
  )
}
