import type { ImageFacts } from '@contract/images.ts'
import { Button } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { Chip } from '../../ui/chip.tsx'
import { bytes } from '../../ui/format.ts'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { typeWords } from './partition-words.ts'

interface PartitionTableProps {
  facts: ImageFacts
  path: string
  /** The partition whose files are shown. */
  chosen: number | null
}

/** The partitions in words: what each is for, how full it is, what Mender keeps in it. */
export function PartitionTable({ facts: { table, boot }, path, chosen }: PartitionTableProps) {
  const { inspect } = useFlash()
  return (
    <table className={styles.table} aria-label="Partitions">
      <thead>
        <tr>
          <th>#</th>
          <th>Partition</th>
          <th>File system</th>
          <th className={styles.number}>Size</th>
          <th className={styles.number}>Free</th>
          <th>Mender</th>
          <th>
            <span className="sr-only">Files</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {(table?.partitions ?? []).map(({ number, role, name, type, sizeBytes, fileSystem }) => (
          <tr key={number} data-chosen={number === chosen}>
            <td>{number}</td>
            <td>
              <span className={styles.strong}>{role ?? (name || typeWords(type))}</span>{' '}
              {boot?.partition === number && <Chip>{boot.isTrial ? `boots, on trial ${boot.bootCount ?? ''}` : 'boots'}</Chip>}
              {role !== null && name !== '' && name !== role && <span className="dim"> {name}</span>}
            </td>
            <td>
              {fileSystem === null ? <span className="dim">unknown</span> : fileSystem.kind}
              {fileSystem !== null && fileSystem.label !== '' && <span className="dim"> {fileSystem.label}</span>}
            </td>
            <td className={styles.number}>{bytes(sizeBytes)}</td>
            <td className={styles.number}>{fileSystem?.freeBytes == null ? '' : bytes(fileSystem.freeBytes)}</td>
            <td>
              {fileSystem?.artifactName}
              {fileSystem?.deviceType}
              {fileSystem?.problem != null && <span className={styles.problem}>{fileSystem.problem}</span>}
            </td>
            <td className={styles.number}>
              {fileSystem?.problem === null && (
                <Button
                  variant="default"
                  aria-label={`Files of partition ${number}`}
                  aria-pressed={number === chosen}
                  leftSection={<FolderOpen size={13} />}
                  onClick={() => inspect(path, number === chosen ? null : number)}
                >
                  Files
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
