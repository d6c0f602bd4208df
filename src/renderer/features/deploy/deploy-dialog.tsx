import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { DeploymentPlan, DeploymentTarget, UpdateControlMap } from '@contract/deployments.ts'
import type { Device } from '@contract/devices.ts'
import { pausingMap } from '@contract/update-control.ts'
import { Button, Checkbox, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ChevronDown, ChevronRight, Rocket } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useArtifacts, useDevices } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { useNow } from '../../ui/use-now.ts'
import { ArtifactChoice } from './artifact-choice.tsx'
import styles from './deploy-dialog.module.css'
import { NO_PLAN, planOfDraft } from './plan-draft.ts'
import { PlanFields } from './plan-fields.tsx'
import { amongAccepted, deploymentName, targetWords } from './target.ts'
import { TargetPreview } from './target-preview.tsx'
import { TargetChoice } from './target-choice.tsx'

/** Which artifact, to whom, and go. Opened by any place through the window's state. */
export function DeployDialog() {
  const { deploy, closeDeploy } = useWindow()
  return (
    <Modal
      opened={deploy !== null}
      onClose={closeDeploy}
      title={t`Deploy`}
      size={780}
      padding={0}
      classNames={{ header: styles.header }}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {deploy !== null && <DeployForm key={JSON.stringify(deploy)} presetIds={deploy.deviceIds} presetArtifactId={deploy.artifactId} />}
    </Modal>
  )
}

interface DeployFormProps {
  presetIds: readonly string[]
  presetArtifactId: string | null
}

function DeployForm({ presetIds, presetArtifactId }: DeployFormProps) {
  const artifacts = useArtifacts().value ?? []
  const known = useDevices().value
  // The same list at each tick of the clock: a thousand rows are not drawn anew.
  const devices = useMemo(() => known?.filter((device) => device.status === 'accepted') ?? [], [known])
  const [artifactId, setArtifactId] = useState(presetArtifactId)
  const [chosen, setChosen] = useState<DeploymentTarget | null>(presetIds.length === 0 ? null : { kind: 'devices', ids: [...presetIds] })
  const target = amongAccepted(chosen, devices)
  const waiting = known?.find(({ id, status }) => presetIds.includes(id) && status !== 'accepted')
  const [isForced, setForced] = useState(false)
  const [isAdvanced, setAdvanced] = useState(false)
  const [draft, setDraft] = useState(NO_PLAN)
  const { plan, problems } = planOfDraft(draft, useNow())
  const artifact = artifacts.find((each) => each.id === artifactId)
  const create = useOrder(devices, { isForced, plan, updateControlMap: pausingMap(draft.pauseBefore) })
  const aimed = devices.filter((device) => target?.kind === 'devices' && target.ids.includes(device.id))
  return (
    <div className={styles.form}>
      <ArtifactChoice artifacts={artifacts} chosenId={artifactId} onChoose={setArtifactId} devices={aimed} />
      <TargetChoice devices={devices} target={chosen} onChange={setChosen} />
      {isAdvanced && <PlanFields draft={draft} problems={problems} onChange={setDraft} />}
      {artifact !== undefined && target !== null && <TargetPreview artifactName={artifact.name} target={target} isForced={isForced} />}
      <footer className={styles.footer}>
        <Checkbox
          size="xs"
          label={t`Force, even where it is installed already`}
          checked={isForced}
          onChange={(event) => setForced(event.currentTarget.checked)}
        />
        <button type="button" className={styles.advanced} aria-expanded={isAdvanced} onClick={() => setAdvanced(!isAdvanced)}>
          {isAdvanced ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />} {t`Advanced`}
        </button>
        <span className={styles.words}>{target === null ? nobody(waiting) : targetWords(target, devices)}</span>
        <May group="deployments">
          <Button
            size="sm"
            leftSection={<Rocket size={14} />}
            disabled={artifact === undefined || target === null || Object.keys(problems).length > 0}
            loading={create.isBusy}
            onClick={() => artifact !== undefined && target !== null && create.run(artifact, target)}
          >
            {t`Deploy`}
          </Button>
        </May>
      </footer>
    </div>
  )
}

const nobody = (waiting: Device | undefined): string => (waiting ? t`${waiting.name} is not accepted yet` : t`Choose devices`)

interface OrderOptions {
  isForced: boolean
  plan: DeploymentPlan
  updateControlMap: UpdateControlMap | null
}

/** Makes the deployment, and closes the dialog when it is made. */
function useOrder(devices: readonly Device[], options: OrderOptions) {
  const { closeDeploy, place } = useWindow()
  return useAction(
    (engine, { name: artifactName }: Artifact, target: DeploymentTarget) =>
      engine.deployments.create({ name: deploymentName(artifactName, target, devices), artifactName, target, ...options }),
    (_answer, { name }, target) => {
      closeDeploy()
      // On the bench the card itself tells.
      if (place === 'bench') return
      notifications.show({
        title: t`Deploying ${name}`,
        message: targetWords(target, devices),
        withBorder: true,
        color: 'gray',
        autoClose: 3500,
      })
    },
  )
}
