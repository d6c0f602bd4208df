import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { Device } from '@contract/devices.ts'
import { Button } from '@mantine/core'
import { PackagePlus, ShieldCheck, ShieldOff } from 'lucide-react'
import { useAddArtifacts } from '../../app/use-add-artifacts.ts'
import { signatureWord, typeObstacle } from '../../ui/artifact-facts.ts'
import { bytes } from '../../ui/format.ts'
import styles from './deploy-dialog.module.css'

interface ArtifactChoiceProps {
  artifacts: readonly Artifact[]
  chosenId: string | null
  onChoose: (id: string) => void
  /** The devices that are aimed at, to say who would refuse what. */
  devices: readonly Device[]
}

/** The library as a list of radio buttons. */
export function ArtifactChoice({ artifacts, chosenId, onChoose, devices }: ArtifactChoiceProps) {
  const add = useAddArtifacts(onChoose)
  return (
    <fieldset className={styles.artifacts}>
      <legend className={styles.legend}>{t`Artifact`}</legend>
      {artifacts.length === 0 && <p className="dim">{t`The library is empty. Add a .mender file.`}</p>}
      {artifacts.map((artifact) => (
        <label key={artifact.id} className={styles.artifact} data-chosen={artifact.id === chosenId}>
          <input
            type="radio"
            name="artifact"
            data-autofocus={artifact.id === (chosenId ?? artifacts[0]?.id) || undefined}
            className={styles.radio}
            checked={artifact.id === chosenId}
            onChange={() => onChoose(artifact.id)}
          />
          <span className={styles.artifactName}>{artifact.name}</span>
          <span className={styles.size}>{bytes(artifact.sizeBytes)}</span>
          <span className={styles.description}>{artifact.description || artifact.deviceTypes.join(', ')}</span>
          <span className={styles.signature}>
            {artifact.signature.present ? <ShieldCheck size={12} aria-hidden /> : <ShieldOff size={12} aria-hidden />}
            {signatureWord(artifact.signature)}
          </span>
          {obstacles(artifact, devices).map((obstacle) => (
            <span key={obstacle} className={styles.obstacle}>
              {obstacle}
            </span>
          ))}
        </label>
      ))}
      <Button
        className={styles.add}
        variant="subtle"
        color="gray"
        leftSection={<PackagePlus size={14} />}
        loading={add.isBusy}
        onClick={add.pick}
      >
        {t`Add a .mender file…`}
      </Button>
    </fieldset>
  )
}

function obstacles(artifact: Artifact, devices: readonly Device[]): string[] {
  return devices.flatMap((device) => {
    const obstacle = typeObstacle(artifact, device.deviceType)
    if (obstacle !== null) return [t`${device.name} will not take it: it ${obstacle}`]
    return device.artifactName === artifact.name ? [t`${device.name} runs it already`] : []
  })
}
