import type { Artifact } from '@contract/artifacts.ts'
import { Button } from '@mantine/core'
import { Package, PackagePlus, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react'
import { useWindow } from '../../app/window-state.ts'
import { signatureWord } from '../../ui/artifact-facts.ts'
import { Empty } from '../../ui/empty.tsx'
import { bytes, moment } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './artifacts.module.css'

interface LibraryTabProps {
  artifacts: readonly Artifact[]
  onAdd: () => void
}

export function LibraryTab({ artifacts, onAdd }: LibraryTabProps) {
  const { artifactId, selectArtifact } = useWindow()
  const now = useNow()
  if (artifacts.length === 0) {
    return (
      <Empty
        icon={Package}
        title="No artifacts"
        text="Drop a .mender file here, or start the virtual bench: it brings three signed artifacts."
      >
        <Button leftSection={<PackagePlus size={13} />} onClick={onAdd}>
          Add a .mender file…
        </Button>
      </Empty>
    )
  }
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th>Name</th>
          <th className={styles.spare}>Payload</th>
          <th>Device types</th>
          <th className={styles.number}>Size</th>
          <th>Signature</th>
          <th className={styles.number}>Installed</th>
          <th className={styles.spare}>Added</th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map((artifact) => (
          <tr key={artifact.id} aria-selected={artifact.id === artifactId} onClick={() => selectArtifact(artifact.id)}>
            <td>
              <button type="button" className={styles.name}>
                {artifact.name}
              </button>
            </td>
            <td className={styles.spare}>{artifact.payloadType ?? 'bootstrap'}</td>
            <td className={styles.types} title={artifact.deviceTypes.join(', ')}>
              {artifact.deviceTypes.join(', ')}
            </td>
            <td className={styles.number}>{bytes(artifact.sizeBytes)}</td>
            <td>
              <Signature signature={artifact.signature} />
            </td>
            <td className={styles.number}>{artifact.installedCount}</td>
            <td className={styles.spare}>{moment(artifact.addedAt, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What is known of a signature, with an icon of its own for each case. */
export function Signature({ signature }: Pick<Artifact, 'signature'>) {
  const Icon = !signature.present ? ShieldOff : signature.verifiedBy === null ? ShieldAlert : ShieldCheck
  return (
    <span className={styles.signature}>
      <Icon size={13} aria-hidden />
      {signatureWord(signature)}
    </span>
  )
}
