import { t } from '@lingui/core/macro'
import type { Slot } from '@contract/devices.ts'
import { Check, CircleDot, GitFork, type LucideIcon, Minus, PenLine, X } from 'lucide-react'
import { percent } from './format.ts'
import styles from './slots.module.css'

const CONDITIONS: Readonly<Record<Slot['condition'], { word: string; icon: LucideIcon }>> = {
  committed: { word: t`committed`, icon: Check },
  trial: { word: t`trial, not committed`, icon: GitFork },
  writing: { word: t`writing`, icon: PenLine },
  written: { word: t`written`, icon: PenLine },
  failed: { word: t`failed`, icon: X },
  idle: { word: t`idle`, icon: Minus },
  empty: { word: t`empty`, icon: Minus },
}

/** The two root file systems of a board side by side; the one that runs has the heavy frame. */
export function Slots({ slots }: { slots: readonly Slot[] }) {
  return (
    <ul className={styles.slots} aria-label={t`Slots`}>
      {slots.map((slot) => (
        <SlotCell key={slot.name} slot={slot} />
      ))}
    </ul>
  )
}

function SlotCell({ slot }: { slot: Slot }) {
  const { word, icon: Icon } = CONDITIONS[slot.condition]
  const written = slot.condition === 'writing' ? percent(slot.writtenBytes, slot.sizeBytes) : null
  return (
    <li className={styles.slot} data-running={slot.isRunning} data-condition={slot.condition}>
      {written !== null && <span className={styles.written} style={{ width: `${written}%` }} />}
      <span className={styles.name}>{slot.name}</span>
      <span className={styles.body}>
        <span className={styles.artifact} title={slot.artifactName ?? undefined}>
          {slot.artifactName ?? '–'}
        </span>
        <span className={styles.condition}>
          {slot.isRunning && (
            <>
              <CircleDot size={11} strokeWidth={2.5} aria-hidden /> {t`running`}
              <span aria-hidden> · </span>
            </>
          )}
          {!slot.isRunning && <Icon size={11} strokeWidth={2.5} aria-hidden />} {word}
          {written !== null && ` ${written} %`}
        </span>
      </span>
    </li>
  )
}
