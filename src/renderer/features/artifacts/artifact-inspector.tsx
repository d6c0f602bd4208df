import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { Download, Ellipsis, FolderSearch, GitCompare, Rocket, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { downloadArtifact } from '../../app/transfers.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Inspector } from '../../ui/inspector.tsx'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import { ArtifactOverview } from './artifact-overview.tsx'
import styles from './artifacts.module.css'
import { hasFileSystem, PayloadFiles } from './payload-files.tsx'
import { useCompare } from './use-compare.ts'
import { useRemoveArtifacts } from './use-remove-artifacts.tsx'

/** All that a `.mender` file says of itself. */
export function ArtifactInspector({ artifact }: { artifact: Artifact }) {
  const { selectArtifact } = useWindow()
  const [tab, setTab] = useState<'overview' | 'files'>('overview')
  const canBrowse = hasFileSystem(artifact)
  return (
    <Inspector
      title={artifact.name}
      chips={<Chip>{artifact.payloadType ?? 'bootstrap'}</Chip>}
      subtitle={artifact.description !== '' && <div className="dim">{artifact.description}</div>}
      onClose={() => selectArtifact(null)}
    >
      {canBrowse && (
        <Tabs
          label={t`About ${artifact.name}`}
          tabs={[
            ['overview', t`Overview`],
            ['files', t`Files inside`],
          ]}
          value={tab}
          onChange={setTab}
        />
      )}
      {canBrowse && tab === 'files' ? (
        <div className={styles.inside} {...tabPanel('files')} tabIndex={-1}>
          <PayloadFiles key={artifact.id} artifactId={artifact.id} />
        </div>
      ) : (
        <ArtifactOverview artifact={artifact} isPanel={canBrowse} />
      )}
      <Actions artifact={artifact} />
    </Inspector>
  )
}

function Actions({ artifact }: { artifact: Artifact }) {
  const { askDeploy } = useWindow()
  const { desktop } = useConnection()
  const compare = useCompare()
  const remove = useRemoveArtifacts()
  const save = useAction(async (engine) => {
    const picked = await desktop?.pickSavePath({ suggestedName: `${artifact.name}.mender` })
    if (picked?.path) await engine.artifacts.save({ id: artifact.id, path: picked.path })
  })
  const download = useAction(() => downloadArtifact(artifact.id, artifact.name))
  const show = useAction(async (engine) => desktop?.showInFolder(await engine.artifacts.location({ id: artifact.id })))
  return (
    <footer className={styles.actions}>
      <May group="deployments">
        <Button leftSection={<Rocket size={13} />} onClick={() => askDeploy({ deviceIds: [], artifactId: artifact.id })}>
          {t`Deploy…`}
        </Button>
      </May>
      <Button variant="default" leftSection={<GitCompare size={13} />} onClick={() => compare([artifact])}>
        {t`Compare with…`}
      </Button>
      <Menu position="top-end">
        <Menu.Target>
          <ActionIcon aria-label={t`More for ${artifact.name}`} variant="default" size={30} ml="auto">
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {desktop === null ? (
            <Menu.Item leftSection={<Download size={14} />} onClick={() => download.run()}>
              {t`Download`}
            </Menu.Item>
          ) : (
            <>
              <Menu.Item leftSection={<Download size={14} />} onClick={() => save.run()}>
                {t`Save a copy…`}
              </Menu.Item>
              <Menu.Item leftSection={<FolderSearch size={14} />} onClick={() => show.run()}>
                {t`Show in folder`}
              </Menu.Item>
            </>
          )}
          <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => remove([artifact])}>
            {t`Remove`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </footer>
  )
}
