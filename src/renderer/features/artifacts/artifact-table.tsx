import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { Checkbox } from '@mantine/core'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { MouseEvent } from 'react'
import { useWindow } from '../../app/window-state.ts'
import { bytes } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import styles from './artifacts.module.css'
import { rangeOf, type Release, type SortBy } from './library-rows.ts'
import { useLibrary } from './library-state.ts'
import { Signature } from './signature.tsx'
import { useDragOut } from './use-drag-out.ts'
import { useTableKeys } from './use-table-keys.ts'

interface ArtifactTableProps {
  releases: readonly Release[]
  onCompare: (artifacts: readonly Artifact[]) => void
  onRemove: (artifacts: readonly Artifact[]) => void
}

/** The artifacts as rows that can be marked, moved through by arrows and dragged out. */
export function ArtifactTable({ releases, onCompare, onRemove }: ArtifactTableProps) {
  const { artifactId } = useWindow()
  const artifacts = releases.flatMap((release) => release.artifacts)
  const keys = useTableKeys({ artifacts, onCompare, onRemove })
  const focusable = artifacts.some(({ id }) => id === artifactId) ? artifactId : artifacts[0]?.id
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- its rows have the focus, which makes it a grid
    <table className={styles.table} role="grid" aria-multiselectable aria-label={t`Artifacts`} data-keys="artifacts" onKeyDown={keys}>
      <thead>
        <tr>
          <th className={styles.check}>
            <span className="sr-only">{t`Marked`}</span>
          </th>
          <SortHead by="name" title={t`Name`} />
          <SortHead by="payloadType" title={t`Payload`} className={styles.spare} />
          <th>{t`Device types`}</th>
          <SortHead by="sizeBytes" title={t`Size`} className={styles.number} />
          <th>{t`Signature`}</th>
          <SortHead by="installedCount" title={t`Installed`} className={styles.number} />
          <SortHead by="addedAt" title={t`Added`} className={styles.spare} />
        </tr>
      </thead>
      <tbody>
        {releases.map(({ name, artifacts: members }) => [
          members.length > 1 && (
            <tr key={`release ${name}`} className={styles.release}>
              <td colSpan={8}>
                <span className={styles.name}>{name}</span>{' '}
                {t`release of ${plural(members.length, { one: '# artifact', other: '# artifacts' })}`}
              </td>
            </tr>
          ),
          ...members.map((artifact) => (
            <Row
              key={artifact.id}
              artifact={artifact}
              isMember={members.length > 1}
              isFocusable={artifact.id === focusable}
              ids={artifacts.map(({ id }) => id)}
            />
          )),
        ])}
      </tbody>
    </table>
  )
}

function SortHead({ by, title, className }: { by: SortBy; title: string; className?: string | undefined }) {
  const { sort, sortBy } = useLibrary()
  const isBy = sort.by === by
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    <th className={className} aria-sort={isBy ? (sort.isDown ? 'descending' : 'ascending') : undefined}>
      <button type="button" className={styles.sort} onClick={() => sortBy(by)}>
        {title}
        {isBy && <Arrow size={11} aria-hidden />}
      </button>
    </th>
  )
}

interface RowProps {
  artifact: Artifact
  /** It stands below the name of its release. */
  isMember: boolean
  isFocusable: boolean
  /** All rows, in their order. */
  ids: readonly string[]
}

function Row({ artifact, isMember, isFocusable, ids }: RowProps) {
  const { id, name, payloadType, deviceTypes, sizeBytes, signature, installedCount, addedAt } = artifact
  const { artifactId, selectArtifact } = useWindow()
  const { marked, toggle, mark } = useLibrary()
  const dragOut = useDragOut(artifact)
  const isMarked = marked.includes(id)
  function choose(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey) toggle(id)
    else if (event.shiftKey) mark(rangeOf(ids, artifactId ?? id, id))
    else selectArtifact(id)
  }
  return (
    <tr
      data-artifact={id}
      data-inspected={id === artifactId}
      aria-selected={isMarked || id === artifactId}
      aria-label={isMember ? t`${name}, ${payloadType ?? 'bootstrap'} for ${deviceTypes.join(', ')}` : name}
      tabIndex={isFocusable ? 0 : -1}
      onClick={choose}
      {...dragOut}
    >
      <td className={styles.check}>
        <Checkbox
          size="xs"
          tabIndex={-1}
          aria-label={t`Mark ${name}`}
          checked={isMarked}
          onClick={(event) => event.stopPropagation()}
          onChange={() => toggle(id)}
        />
      </td>
      <td className={isMember ? styles.member : styles.name}>{isMember ? (payloadType ?? 'bootstrap') : name}</td>
      <td className={styles.spare}>{payloadType ?? 'bootstrap'}</td>
      <td className={styles.types} title={deviceTypes.join(', ')}>
        {deviceTypes.join(', ') || t`any`}
      </td>
      <td className={styles.number}>{bytes(sizeBytes)}</td>
      <td>
        <Signature signature={signature} />
      </td>
      <td className={styles.number}>{installedCount}</td>
      <td className={styles.spare}>
        <Moment at={addedAt} />
      </td>
    </tr>
  )
}
