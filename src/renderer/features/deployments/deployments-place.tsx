import { plural, t } from '@lingui/core/macro'
import type { Deployment } from '@contract/deployments.ts'
import { Button } from '@mantine/core'
import { Rocket } from 'lucide-react'
import { useDeployments } from '../../app/facts.tsx'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Empty } from '../../ui/empty.tsx'
import { OutcomeBar } from '../../ui/outcome-bar.tsx'
import { Place } from '../../ui/place.tsx'
import { Moment } from '../../ui/moment.tsx'
import { DeploymentView } from './deployment-view.tsx'
import styles from './deployments.module.css'

/** The list on the left, the chosen one on the right. */
export function DeploymentsPlace() {
  const known = useDeployments().value
  const deployments = known ?? []
  const { deploymentId, askDeploy } = useWindow()
  const running = deployments.filter((deployment) => deployment.status !== 'finished').length
  const chosen = deployments.find((deployment) => deployment.id === deploymentId) ?? deployments[0]
  return (
    <Place
      title={t`Deployments`}
      summary={
        deployments.length > 0 && t`${plural(deployments.length, { one: '# deployment', other: '# deployments' })}, ${running} running`
      }
      actions={
        <May group="deployments">
          <Button leftSection={<Rocket size={13} />} onClick={() => askDeploy({ deviceIds: [], artifactId: null })}>
            {t`Deploy…`}
          </Button>
        </May>
      }
    >
      {chosen === undefined && known !== null && (
        <Empty
          icon={Rocket}
          title={t`No deployments`}
          text={t`A deployment brings an artifact to devices. Each one stays here with what became of every device.`}
        >
          <May group="deployments">
            <Button onClick={() => askDeploy({ deviceIds: [], artifactId: null })}>{t`Deploy…`}</Button>
          </May>
        </Empty>
      )}
      {chosen !== undefined && (
        <div className={styles.split}>
          <ul className={styles.list} aria-label={t`Deployments`}>
            {deployments.map((deployment) => (
              <li key={deployment.id}>
                <DeploymentRow deployment={deployment} isChosen={deployment.id === chosen.id} />
              </li>
            ))}
          </ul>
          <DeploymentView key={chosen.id} id={chosen.id} />
        </div>
      )}
    </Place>
  )
}

function DeploymentRow({ deployment, isChosen }: { deployment: Deployment; isChosen: boolean }) {
  const { selectDeployment } = useWindow()
  return (
    <button
      type="button"
      className={styles.row}
      aria-current={isChosen ? 'true' : undefined}
      onClick={() => selectDeployment(deployment.id)}
    >
      <span className={styles.rowHead}>
        <span className={styles.rowName}>{deployment.name}</span>
        {deployment.status !== 'finished' && <Chip>{deployment.status}</Chip>}
      </span>
      <span className={styles.rowFacts}>
        <span>{plural(deployment.deviceCount, { one: '# device', other: '# devices' })}</span>
        <Moment at={deployment.createdAt} />
      </span>
      <OutcomeBar {...deployment} />
    </button>
  )
}
