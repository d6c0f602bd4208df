import { t } from '@lingui/core/macro'
import type { ImageFacts } from '@contract/images.ts'
import { Button } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { Chip } from '../../ui/chip.tsx'
import { bytes } from '../../ui/format.ts'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { type FoundPartition, typeWords } from './partition-words.ts'

interface PartitionTableProps {
  facts: ImageFacts
  path: string
  /** The partition whose files are shown. */
  chosen: number | null
}

/** The partitions in words: what each is for, how full it is, what Mender keeps in it. */
export function PartitionTable({ facts, path, chosen }: PartitionTableProps) {
  return (
    <table className={styles.table} aria-label={t`Partitions`}>
      <thead>
        <tr>
          <th>#</th>
          <th>{t`Partition`}</th>
          <th>{t`File system`}</th>
          <th className={styles.number}>{t`Size`}</th>
          <th className={styles.number}>{t`Free`}</th>
          <th>{t`Mender`}</th>
          <th>
            <span className="sr-only">{t`Files`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {(facts.table?.partitions ?? []).map((partition) => (
          <Row key={partition.number} partition={partition} boot={facts.boot} path={path} isChosen={partition.number === chosen} />
        ))}
      </tbody>
    </table>
  )
}

/** What a partition holds. */
function Kind({ partition: { fileSystem, otherKind } }: { partition: Pick<FoundPartition, 'fileSystem' | 'otherKind'> }) {
  if (fileSystem === null) return <span className="dim">{otherKind || t`unknown`}</span>
  return (
    <>
      {fileSystem.kind} <span className="dim">{fileSystem.label}</span>
    </>
  )
}

interface RowProps {
  partition: FoundPartition
  boot: ImageFacts['boot']
  path: string
  isChosen: boolean
}

function Row({ partition: { number, role, name, type, sizeBytes, fileSystem, otherKind }, boot, path, isChosen }: RowProps) {
  const { inspect } = useFlash()
  const title = role ?? (name || typeWords(type))
  return (
    <tr data-chosen={isChosen}>
      <td>{number}</td>
      <td>
        <span className={styles.strong}>{title}</span>{' '}
        {boot?.partition === number && <Chip>{boot.isTrial ? t`boots, on trial ${boot.bootCount ?? ''}` : t`boots`}</Chip>}
        {name !== title && <span className="dim"> {name}</span>}
      </td>
      <td>
        <Kind partition={{ fileSystem, otherKind }} />
      </td>
      <td className={styles.number}>{bytes(sizeBytes)}</td>
      <td className={styles.number}>{free(fileSystem)}</td>
      <td>
        {fileSystem?.artifactName}
        {fileSystem?.deviceType}
        <span className={styles.problem}>{fileSystem?.problem}</span>
      </td>
      <td className={styles.number}>
        {fileSystem?.problem === null && (
          <Button
            variant="default"
            aria-label={t`Files of partition ${number}`}
            aria-pressed={isChosen}
            leftSection={<FolderOpen size={13} />}
            onClick={() => inspect(path, isChosen ? null : number)}
          >
            {t`Files`}
          </Button>
        )}
      </td>
    </tr>
  )
}

function free(fileSystem: { freeBytes: number | null } | null): string {
  return fileSystem === null || fileSystem.freeBytes === null ? '' : bytes(fileSystem.freeBytes)
}
