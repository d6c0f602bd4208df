import { t } from '@lingui/core/macro'
import type { Drive } from '@contract/drives.ts'
import { Button, Checkbox, Select } from '@mantine/core'
import { Zap } from 'lucide-react'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { May } from '../../app/may.tsx'
import { driveKey, eraseWords } from './drive-words.ts'
import { EraseDialog } from './erase-dialog.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { fileName } from './partition-words.ts'
import { chosenDrives } from './use-drives.ts'
import type { ImageView } from './use-image.ts'

/** What happens when the button is pressed, and the button. */
export function FlashFoot({ image, drives }: { image: ImageView; drives: readonly Drive[] }) {
  const { imagePath, chosen, verify, differential, hasSound, set, chooseDrives } = useFlash()
  const [isAsking, setAsking] = useState(false)
  const [partition, setPartition] = useState<number | null>(null)
  const targets = chosenDrives(drives, chosen)
  const start = useAction<[Readonly<Record<string, string>>], { id: string }>(
    (engine, typed) =>
      engine.flash.start({
        ...{ source: imagePath ?? '', verify, differential, partition: image.isOneFileSystem ? partition : null },
        targets: targets.map(({ identity }) => ({ path: identity.path, identity, typedName: typed[driveKey(identity)] ?? null })),
      }),
    () => chooseDrives([]),
  )
  const missing = missingWords({ imagePath, targets, image, partition })
  return (
    <div className={styles.foot}>
      <Checkbox
        size="xs"
        label={t`Verify by reading back`}
        checked={verify}
        onChange={(event) => set({ verify: event.currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label={t`Write only what differs`}
        checked={differential}
        onChange={(event) => set({ differential: event.currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label={t`Sound at the end`}
        checked={hasSound}
        onChange={(event) => set({ hasSound: event.currentTarget.checked })}
      />
      {image.isOneFileSystem && <Where isArtifact={image.isArtifact} value={partition} onChange={setPartition} />}
      <span className={styles.missing}>{missing}</span>
      <May group="flash">
        <Button
          color="red"
          leftSection={<Zap size={13} />}
          disabled={missing !== ''}
          loading={start.isBusy}
          onClick={() => setAsking(true)}
        >
          {targets.length === 0 ? t`Erase and write…` : `${eraseWords(targets)}…`}
        </Button>
      </May>
      <EraseDialog
        image={fileName(imagePath ?? '')}
        partition={image.isOneFileSystem ? partition : null}
        drives={targets}
        isOpen={isAsking && targets.length > 0}
        onClose={() => setAsking(false)}
        onConfirm={start.run}
      />
    </div>
  )
}

interface WhereProps {
  /** It has to go into a partition. */
  isArtifact: boolean
  value: number | null
  onChange: (partition: number | null) => void
}

const PARTITIONS = [1, 2, 3, 4].map((number) => ({ value: String(number), label: t`Partition ${number}` }))

/** Where one file system goes. */
function Where({ isArtifact, value, onChange }: WhereProps) {
  const whole = isArtifact ? [] : [{ value: '', label: t`The whole drive` }]
  return (
    <Select
      aria-label={t`Where to`}
      w={150}
      placeholder={t`Where to`}
      data={[...whole, ...PARTITIONS]}
      value={value === null ? (isArtifact ? null : '') : String(value)}
      onChange={(chosen) => onChange(chosen ? Number(chosen) : null)}
    />
  )
}

interface Ready {
  imagePath: string | null
  targets: readonly Drive[]
  image: ImageView
  partition: number | null
}

/** What is still to be done before anything can be written; empty when all is there. */
function missingWords({ imagePath, targets, image, partition }: Ready): string {
  if (imagePath === null) return t`Choose an image`
  if (image.failure !== null) return t`This image cannot be written`
  if (targets.length === 0) return t`Tick the drives`
  if (image.isArtifact && partition === null) return t`Choose the partition`
  const needed = partition === null ? (image.source?.imageBytes ?? 0) : 0
  const small = targets.find(({ sizeBytes }) => sizeBytes < needed)
  return small === undefined ? '' : t`${small.name} is too small`
}
