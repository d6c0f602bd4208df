import type { Artifact } from '@contract/artifacts.ts'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { Download, Ellipsis, FolderSearch, GitCompare, Rocket, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Chip, Facts, Label } from '../../ui/chip.tsx'
import { bytes, moment, plural } from '../../ui/format.ts'
import { Inspector } from '../../ui/inspector.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './artifacts.module.css'
import { CompatibilityList } from './compatibility-list.tsx'
import { RemoveArtifacts } from './remove-artifacts.tsx'
import { ScriptTexts } from './script-texts.tsx'
import { Signature } from './signature.tsx'
import { useCompare } from './use-compare.ts'

/** All that a `.mender` file says of itself. */
export function ArtifactInspector({ artifact }: { artifact: Artifact }) {
  const { selectArtifact } = useWindow()
  const depends = Object.entries(artifact.depends).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const)
  return (
    <Inspector
      title={artifact.name}
      chips={<Chip>{artifact.payloadType ?? 'bootstrap'}</Chip>}
      subtitle={artifact.description !== '' && <div className="dim">{artifact.description}</div>}
      onClose={() => selectArtifact(null)}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label="Content">
        {artifact.warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            {warning}
          </p>
        ))}
        <Header artifact={artifact} />
        <Label>Payload files</Label>
        {artifact.files.map((file) => (
          <div key={file.name} className={styles.file}>
            <div className={styles.fileHead}>
              <span className="mono">{file.name}</span>
              <span>{bytes(file.sizeBytes)}</span>
            </div>
            <div className={styles.sum}>sha256 {file.sha256}</div>
          </div>
        ))}
        {artifact.files.length === 0 && <p className="dim">None.</p>}
        <Pairs title="Provides" rows={Object.entries(artifact.provides)} />
        <Pairs title="Depends" rows={depends} />
        <Names title="Clears provides" names={artifact.clearsProvides ?? []} />
        <ScriptTexts key={artifact.id} artifact={artifact} />
        <CompatibilityList artifactId={artifact.id} />
      </section>
      <Actions artifact={artifact} />
    </Inspector>
  )
}

function Header({ artifact }: { artifact: Artifact }) {
  const now = useNow()
  return (
    <>
      <Label>Header</Label>
      <Facts
        rows={[
          ['signature', <Signature key="signature" signature={artifact.signature} />],
          ['device types', artifact.deviceTypes.join(', ')],
          ['format', `Mender artifact, version ${artifact.formatVersion}, ${artifact.compression}`],
          ['group', artifact.group ?? 'none'],
          ['size', `${bytes(artifact.sizeBytes)} (${artifact.sizeBytes} bytes)`],
          [
            'sha256',
            <span key="sha256" className={styles.sum}>
              {artifact.sha256}
            </span>,
          ],
          ['installed on', plural(artifact.installedCount, 'device')],
          ['added', moment(artifact.addedAt, now)],
        ]}
      />
    </>
  )
}

function Pairs({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  if (rows.length === 0) return null
  return (
    <>
      <Label>{title}</Label>
      <Facts
        rows={rows.map(([name, value]) => [
          name,
          <span key={name} className="mono">
            {value}
          </span>,
        ])}
      />
    </>
  )
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <>
      <Label>{title}</Label>
      <ul className={styles.names}>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </>
  )
}

function Actions({ artifact }: { artifact: Artifact }) {
  const { askDeploy } = useWindow()
  const { desktop } = useConnection()
  const compare = useCompare()
  const [removing, setRemoving] = useState<readonly Artifact[]>([])
  const save = useAction(async (engine) => {
    const picked = await desktop?.pickSavePath({ suggestedName: `${artifact.name}.mender` })
    if (picked?.path) await engine.artifacts.save({ id: artifact.id, path: picked.path })
  })
  const show = useAction(async (engine) => desktop?.showInFolder(await engine.artifacts.location({ id: artifact.id })))
  return (
    <footer className={styles.actions}>
      <Button leftSection={<Rocket size={13} />} onClick={() => askDeploy({ deviceIds: [], artifactId: artifact.id })}>
        Deploy…
      </Button>
      <Button variant="default" leftSection={<GitCompare size={13} />} onClick={() => compare([artifact])}>
        Compare with…
      </Button>
      <Menu position="top-end">
        <Menu.Target>
          <ActionIcon aria-label={`More for ${artifact.name}`} variant="default" size={30} ml="auto">
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {desktop !== null && (
            <>
              <Menu.Item leftSection={<Download size={14} />} onClick={() => save.run()}>
                Save a copy…
              </Menu.Item>
              <Menu.Item leftSection={<FolderSearch size={14} />} onClick={() => show.run()}>
                Show in folder
              </Menu.Item>
            </>
          )}
          <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => setRemoving([artifact])}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <RemoveArtifacts artifacts={removing} onClose={() => setRemoving([])} />
    </footer>
  )
}
