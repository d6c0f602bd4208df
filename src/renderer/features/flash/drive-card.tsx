import { t } from '@lingui/core/macro'
import { type Drive, NO_DRIVE_FAULTS } from '@contract/drives.ts'
import { ActionIcon, Checkbox, Tooltip } from '@mantine/core'
import { CircleArrowOutUpRight, ScanSearch, Trash2, Wrench } from 'lucide-react'
import { useId } from 'react'
import { useAction } from '../../app/use-action.ts'
import { bytes } from '../../ui/format.ts'
import { StateWord } from '../../ui/state-word.tsx'
import frame from '../../ui/card-frame.module.css'
import { contentWords, driveKey, driveLook, faultWords, hasFault, placeWords } from './drive-words.ts'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'

/** One drive: what it is, where it hangs, what is on it, and whether it may be written. */
export function DriveCard({ drive }: { drive: Drive }) {
  const { chosen, toggleDrive } = useFlash()
  const id = useId()
  const { name, sizeBytes, identity, verdict, virtual, mountedAt, access } = drive
  const look = driveLook(drive)
  const key = driveKey(identity)
  const isChosen = chosen.includes(key) && verdict.kind !== 'refused'
  return (
    <article
      className={frame.card}
      aria-label={`${name}, ${bytes(sizeBytes)}, ${look.word.toLowerCase()}`}
      data-token={look.token}
      data-frame={look.frame}
      data-muted={look.isMuted}
      data-inspected={isChosen}
    >
      <div className={styles.driveHead}>
        {verdict.kind === 'refused' ? (
          <span className={styles.driveName}>{name}</span>
        ) : (
          <Checkbox
            size="sm"
            checked={isChosen}
            onChange={() => toggleDrive(key)}
            label={<span className={styles.driveName}>{name}</span>}
            aria-describedby={id}
          />
        )}
        <span className={styles.size}>{bytes(sizeBytes)}</span>
        <Actions drive={drive} />
      </div>
      <div id={id} className={styles.driveFacts}>
        <StateWord {...look} />
        <span>{placeWords(drive)}</span>
        {contentWords(drive) !== '' && verdict.kind !== 'refused' && <span>{contentWords(drive)}</span>}
        {mountedAt.length > 0 && (
          <span>
            {verdict.kind === 'refused' ? t`mounted at ${mountedAt.join(', ')}` : t`mounted at ${mountedAt.join(', ')}: unmounted first`}
          </span>
        )}
        {virtual !== null && hasFault(virtual.faults) && <span>{faultWords(virtual.faults)}</span>}
        {verdict.reasons.map(({ rule, text, remedy }) => (
          <span key={`${rule}${text}`} className={styles.reason}>
            {text} {remedy}
          </span>
        ))}
        {access === 'none' && verdict.kind !== 'refused' && (
          <span className={styles.reason}>{t`You may not write it: otabench doctor says how to change that.`}</span>
        )}
      </div>
    </article>
  )
}

function Actions({ drive: { identity, name, virtual, access, verdict, isRemovable } }: { drive: Drive }) {
  const { inspect } = useFlash()
  const remove = useAction((engine, id: string) => engine.drives.removeVirtual({ id }))
  const eject = useAction((engine) => engine.drives.eject({ identity }))
  const repair = useAction((engine, id: string) => engine.drives.setFaults({ id, faults: NO_DRIVE_FAULTS }))
  return (
    <div className={styles.driveActions}>
      {(access === 'open' || virtual !== null) && (
        <Tooltip label={t`Look into it`}>
          <ActionIcon aria-label={t`Look into ${name}`} onClick={() => inspect(identity.path)}>
            <ScanSearch size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {virtual === null && isRemovable && verdict.kind !== 'refused' && (
        <Tooltip label={t`Eject`}>
          <ActionIcon aria-label={t`Eject ${name}`} onClick={eject.run}>
            <CircleArrowOutUpRight size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {virtual !== null && hasFault(virtual.faults) && (
        <Tooltip label={t`Let it work from now on`}>
          <ActionIcon aria-label={t`Repair ${name}`} onClick={() => repair.run(virtual.id)}>
            <Wrench size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {virtual !== null && (
        <Tooltip label={t`Remove this virtual drive`}>
          <ActionIcon aria-label={t`Remove ${name}`} onClick={() => remove.run(virtual.id)}>
            <Trash2 size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  )
}
