import { plural, t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { FilePlus2, GitCompare, PackagePlus } from 'lucide-react'
import { useArtifacts, useKeys } from '../../app/facts.tsx'
import { useMachine } from '../../app/machine.ts'
import { shell } from '../../app/shell.ts'
import { useAddArtifacts } from '../../app/use-add-artifacts.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { DropZone, DropZones } from '../../ui/drop-zones.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { bytes } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import { ArtifactInspector } from './artifact-inspector.tsx'
import styles from './artifacts.module.css'
import { ComparePlace } from './compare-place.tsx'
import { KeysTab } from './keys-tab.tsx'
import { LibraryTab } from './library-tab.tsx'

/** The library of artifacts, and the keys that sign and prove them. */
export function ArtifactsPlace() {
  const { compare } = useWindow()
  return compare === null ? <LibraryPlace /> : <ComparePlace a={compare.a} b={compare.b} />
}

function LibraryPlace() {
  const library = useArtifacts().value
  const artifacts = library ?? []
  const keys = useKeys().value ?? []
  const { artifactId, artifactsTab: tab, showArtifactsTab, showArtifact, showSheet, showComparison } = useWindow()
  const machine = useMachine()
  const add = useAddArtifacts((id) => {
    // Who compares meanwhile goes on comparing.
    if (useWindow.getState().compare === null) showArtifact(id)
  })
  const drop = useFileDrop((files, target) => {
    const [a, b] = files.map((file) => ({ path: shell?.pathOf(file) ?? '' }))
    if (a && b && target?.closest('[data-drop=compare]')) showComparison({ a, b })
    else add.drop(files)
  })
  const selected = tab === 'library' ? artifacts.find((artifact) => artifact.id === artifactId) : undefined
  const total = artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0)
  return (
    <Place
      title={t`Artifacts`}
      summary={artifacts.length > 0 && `${plural(artifacts.length, { one: '# artifact', other: '# artifacts' })}, ${bytes(total)}`}
      actions={
        <>
          {machine !== null && (
            <May group="artifacts">
              <Button variant="default" leftSection={<FilePlus2 size={13} />} onClick={() => showSheet('new-artifact')}>
                {t`New artifact…`}
              </Button>
            </May>
          )}
          <May group="artifacts">
            <Button leftSection={<PackagePlus size={13} />} loading={add.isBusy} onClick={add.pick}>
              {t`Add…`}
            </Button>
          </May>
        </>
      }
      aside={selected !== undefined && <ArtifactInspector artifact={selected} />}
    >
      <div className={styles.body} {...drop.handlers}>
        <Tabs
          label={t`Artifacts and keys`}
          tabs={[
            ['library', t`Library`],
            ['keys', t`Keys (${keys.length})`],
          ]}
          value={tab}
          onChange={showArtifactsTab}
        />
        <div className={styles.panel} {...tabPanel(tab)}>
          {tab === 'library' && library !== null && <LibraryTab artifacts={library} onAdd={add.pick} />}
          {tab === 'keys' && <KeysTab keys={keys} />}
        </div>
        {drop.isOver && <Drops count={drop.count} />}
      </div>
    </Place>
  )
}

function Drops({ count }: { count: number }) {
  return (
    <DropZones>
      <DropZone name="add" icon={<PackagePlus size={22} aria-hidden />}>
        {count === 1 ? t`Add to the library` : t`Add ${count} files to the library`}
      </DropZone>
      {count === 2 && shell !== null && (
        <DropZone name="compare" icon={<GitCompare size={22} aria-hidden />}>
          {t`Compare the two`}
        </DropZone>
      )}
    </DropZones>
  )
}
