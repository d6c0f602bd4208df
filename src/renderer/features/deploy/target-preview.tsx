import { t } from '@lingui/core/macro'
import type { DeploymentPreview, DeploymentTarget } from '@contract/deployments.ts'
import { ChevronDown, ChevronRight, CircleCheck, CircleEqual, CircleSlash } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { andMore } from '../../ui/format.ts'
import styles from './deploy-dialog.module.css'
import { previewCounts } from './preview-words.ts'
import { Refusal } from '../../ui/refusal.tsx'

interface TargetPreviewProps {
  artifactName: string
  target: DeploymentTarget
  isForced: boolean
}

const ICONS = { takes: CircleCheck, has: CircleEqual, refuses: CircleSlash } as const

/** Who will take it and who will not: counted, and listed with the reasons on demand. */
export function TargetPreview(order: TargetPreviewProps) {
  const [isOpen, setOpen] = useState(false)
  const preview = useLive(`deployments.preview ${JSON.stringify(order)}`, (engine, signal) => engine.deployments.preview(order, { signal }))
  if (preview.failure !== null) return <Refusal failure={preview.failure} className={styles.preview} />
  if (preview.value === null) return <p className={styles.preview} />
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <section className={styles.preview} aria-label={t`Who will take it`}>
      <button type="button" className={styles.advanced} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Chevron size={14} aria-hidden />
        {previewCounts(preview.value)}
      </button>
      {isOpen && <Verdicts preview={preview.value} />}
    </section>
  )
}

function Verdicts({ preview }: { preview: DeploymentPreview }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <ul className={styles.verdicts} tabIndex={0} aria-label={t`Devices by what they will do`}>
      {preview.map(({ kind, why, deviceCount, deviceNames }) => {
        const Icon = ICONS[kind]
        return (
          <li key={`${kind} ${why}`} data-kind={kind}>
            <Icon size={13} aria-hidden />
            <span>
              {why !== '' && <>{why} </>}
              <span className={styles.names}>{andMore(deviceNames.join(', '), deviceCount - deviceNames.length)}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
