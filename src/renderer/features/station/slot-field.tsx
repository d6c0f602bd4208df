import { t } from '@lingui/core/macro'
import type { Drive } from '@contract/drives.ts'
import { Checkbox } from '@mantine/core'
import { useLive } from '../../app/use-live.ts'
import { bytes } from '../../ui/format.ts'
import styles from './station.module.css'

interface SlotFieldProps {
  chosen: readonly string[]
  onChange: (slots: string[]) => void
}

/** The ports in which cards are written without being asked. */
export function SlotField({ chosen, onChange }: SlotFieldProps) {
  const drives = useLive('station.drives', (engine, signal) => engine.drives.list({ hasLoops: false }, { signal })).value ?? []
  const slots = drives.filter(({ verdict, isRemovable, identity }) => isRemovable && identity.port !== '' && verdict.kind !== 'needs-name')
  return (
    <Checkbox.Group
      className={styles.wide}
      label={t`Reader slots`}
      description={slots.length === 0 ? t`There are no readers. Plug one in, or make a virtual drive on Flash.` : undefined}
      value={[...chosen]}
      onChange={onChange}
    >
      <div className={styles.slots}>
        {slots.map((drive) => (
          <Checkbox key={drive.identity.port} size="xs" value={drive.identity.port} label={slotName(drive)} />
        ))}
      </div>
    </Checkbox.Group>
  )
}

/** Several readers may be called the same, but no two virtual drives. */
function slotName({ identity, name, sizeBytes, virtual }: Drive): string {
  const parts = [name, sizeBytes === 0 ? t`empty` : bytes(sizeBytes), virtual === null ? identity.port : '']
  return parts.filter((part) => part !== '').join(', ')
}
