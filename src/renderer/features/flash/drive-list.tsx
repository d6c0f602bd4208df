import { plural, t } from '@lingui/core/macro'
import type { Drive } from '@contract/drives.ts'
import { Button, Checkbox } from '@mantine/core'
import { HardDrive, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Live } from '../../app/use-live.ts'
import { Empty } from '../../ui/empty.tsx'
import { DriveCard } from './drive-card.tsx'
import { driveKey } from './drive-words.ts'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { MachineLacks } from './machine-lacks.tsx'
import { VirtualDriveDialog } from './virtual-drive-dialog.tsx'
import { Refusal } from '../../ui/refusal.tsx'

/** The drives of this machine as they come and go. None is ever chosen beforehand. */
export function DriveList({ drives: { value: drives, failure } }: { drives: Live<Drive[]> }) {
  const { hasLoops, set } = useFlash()
  const [isMaking, setMaking] = useState(false)
  return (
    <section className={styles.panel} aria-labelledby="flash-drives">
      <div className={styles.headingRow}>
        <h2 id="flash-drives" className={styles.heading}>
          {t`Drives`}
        </h2>
        <Checkbox
          size="xs"
          label={t`Loop devices`}
          checked={hasLoops}
          onChange={(event) => set({ hasLoops: event.currentTarget.checked })}
        />
        <Button variant="default" leftSection={<Plus size={13} />} onClick={() => setMaking(true)}>
          {t`Virtual drive…`}
        </Button>
      </div>
      {failure !== null && <Refusal failure={failure} className={styles.warning} />}
      {drives?.length === 0 && failure === null && <NoDrives onMake={() => setMaking(true)} />}
      {drives !== null && drives.length > 0 && <Groups drives={drives} />}
      <MachineLacks />
      <VirtualDriveDialog isOpen={isMaking} onClose={() => setMaking(false)} />
    </section>
  )
}

function Groups({ drives }: { drives: readonly Drive[] }) {
  const offered = drives.filter(({ verdict }) => verdict.kind !== 'refused')
  const refused = drives.filter(({ verdict }) => verdict.kind === 'refused')
  return (
    <>
      {offered.length === 0 && <p className={styles.hint}>{t`None of these may be written. Plug in a card, or make a virtual drive.`}</p>}
      <Cards drives={offered} label={t`Drives that may be written`} />
      {refused.length > 0 && (
        <details className={styles.refused} open={offered.length === 0 || undefined}>
          <summary>
            {plural(refused.length, { one: '# drive that is not offered, and why', other: '# drives that are not offered, and why' })}
          </summary>
          <Cards drives={refused} label={t`Drives that are not offered`} />
        </details>
      )}
    </>
  )
}

function Cards({ drives, label }: { drives: readonly Drive[]; label: string }) {
  return (
    <ul className={styles.cards} aria-label={label}>
      {drives.map((drive) => (
        <li key={driveKey(drive.identity)}>
          <DriveCard drive={drive} />
        </li>
      ))}
    </ul>
  )
}

function NoDrives({ onMake }: { onMake: () => void }) {
  return (
    <Empty
      icon={HardDrive}
      title={t`No drives`}
      text={t`Plug in a card or a reader: it shows up here at once. Or make a virtual drive, a file that plays a card.`}
    >
      <Button leftSection={<Plus size={13} />} onClick={onMake}>
        {t`Virtual drive…`}
      </Button>
    </Empty>
  )
}
