import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { Button, TextInput } from '@mantine/core'
import { GitCompare, Package, PackagePlus, Search, Trash2 } from 'lucide-react'
import { May } from '../../app/may.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ArtifactTable } from './artifact-table.tsx'
import styles from './artifacts.module.css'
import { ComingRows, useComing } from './coming-rows.tsx'
import { releasesOf } from './library-rows.ts'
import { useLibrary } from './library-state.ts'
import { useCompare } from './use-compare.ts'
import { useRemoveArtifacts } from './use-remove-artifacts.tsx'

interface LibraryTabProps {
  artifacts: readonly Artifact[]
  onAdd: () => void
}

/** The artifacts: searched, sorted, grouped by release, worked by mouse or by keys. */
export function LibraryTab({ artifacts, onAdd }: LibraryTabProps) {
  const { query, sort, marked, setQuery, mark } = useLibrary()
  const compare = useCompare()
  const remove = useRemoveArtifacts()
  const coming = useComing()
  if (artifacts.length === 0 && coming.length === 0) return <NoArtifacts onAdd={onAdd} />
  const chosen = artifacts.filter(({ id }) => marked.includes(id))
  const releases = releasesOf(artifacts, query, sort)
  return (
    <div className={styles.library}>
      <div className={styles.tools}>
        <TextInput
          type="search"
          aria-label={t`Search the library`}
          placeholder={t`Name, type, device type, provides, signed`}
          w={300}
          leftSection={<Search size={13} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setQuery('')
          }}
        />
        {chosen.length > 0 && (
          <fieldset className={styles.marked} aria-label={t`Marked artifacts`}>
            <span>{t`${chosen.length} marked`}</span>
            <Button
              variant="default"
              leftSection={<GitCompare size={13} />}
              disabled={chosen.length > 2}
              title={chosen.length > 2 ? t`Mark two to compare them` : 'C'}
              onClick={() => compare(chosen)}
            >
              {chosen.length === 1 ? t`Compare with…` : t`Compare`}
            </Button>
            <May group="artifacts">
              <Button variant="default" leftSection={<Trash2 size={13} />} onClick={() => remove(chosen)}>
                {t`Remove`}
              </Button>
            </May>
            <Button variant="subtle" color="gray" onClick={() => mark([])}>
              {t`Clear`}
            </Button>
          </fieldset>
        )}
      </div>
      <ComingRows coming={coming} />
      {releases.length === 0 && artifacts.length > 0 ? (
        <NothingFits count={artifacts.length} />
      ) : (
        <ArtifactTable releases={releases} onCompare={compare} onRemove={remove} />
      )}
    </div>
  )
}

function NothingFits({ count }: { count: number }) {
  const { query, setQuery } = useLibrary()
  return (
    <Empty
      icon={Search}
      title={t`No artifact fits the search`}
      text={t`None of ${plural(count, { one: '# artifact', other: '# artifacts' })} says “${query}”.`}
    >
      <Button variant="default" onClick={() => setQuery('')}>
        {t`Show all`}
      </Button>
    </Empty>
  )
}

function NoArtifacts({ onAdd }: { onAdd: () => void }) {
  return (
    <Empty
      icon={Package}
      title={t`No artifacts`}
      text={t`Drop a .mender file here, or start the virtual bench: it brings three signed artifacts.`}
    >
      <May group="artifacts">
        <Button leftSection={<PackagePlus size={13} />} onClick={onAdd}>
          {t`Add a .mender file…`}
        </Button>
      </May>
    </Empty>
  )
}
