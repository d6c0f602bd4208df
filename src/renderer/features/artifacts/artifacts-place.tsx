import { Button } from '@mantine/core'
import { FilePlus2, PackagePlus } from 'lucide-react'
import { useState } from 'react'
import { useArtifacts, useKeys } from '../../app/facts.tsx'
import { shell } from '../../app/shell.ts'
import { useAddArtifacts } from '../../app/use-add-artifacts.ts'
import { useWindow } from '../../app/window-state.ts'
import { useFileDrop } from '../../ui/file-drop.ts'
import { bytes, plural } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import { ArtifactInspector } from './artifact-inspector.tsx'
import styles from './artifacts.module.css'
import { KeysTab } from './keys-tab.tsx'
import { LibraryTab } from './library-tab.tsx'

/** The library of artifacts, and the keys that sign and prove them. */
export function ArtifactsPlace() {
  const library = useArtifacts().value
  const artifacts = library ?? []
  const keys = useKeys().value ?? []
  const { artifactId, selectArtifact, showSheet } = useWindow()
  const [tab, setTab] = useState<'library' | 'keys'>('library')
  const add = useAddArtifacts((id) => {
    setTab('library')
    selectArtifact(id)
  })
  const drop = useFileDrop(add.drop)
  const selected = tab === 'library' ? artifacts.find((artifact) => artifact.id === artifactId) : undefined
  const total = artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0)
  return (
    <Place
      title="Artifacts"
      summary={artifacts.length > 0 && `${plural(artifacts.length, 'artifact')}, ${bytes(total)}`}
      actions={
        <>
          {shell !== null && (
            <Button variant="default" leftSection={<FilePlus2 size={13} />} onClick={() => showSheet('new-artifact')}>
              New artifact…
            </Button>
          )}
          <Button leftSection={<PackagePlus size={13} />} loading={add.isBusy} onClick={add.pick}>
            Add…
          </Button>
        </>
      }
      aside={selected !== undefined && <ArtifactInspector artifact={selected} />}
    >
      <div className={styles.body} data-over={drop.isOver} {...drop.handlers}>
        <Tabs
          label="Artifacts and keys"
          tabs={[
            ['library', 'Library'],
            ['keys', `Keys (${keys.length})`],
          ]}
          value={tab}
          onChange={setTab}
        />
        <div className={styles.panel} {...tabPanel(tab)}>
          {tab === 'library' && library !== null && <LibraryTab artifacts={library} onAdd={add.pick} />}
          {tab === 'keys' && <KeysTab keys={keys} />}
        </div>
      </div>
    </Place>
  )
}
