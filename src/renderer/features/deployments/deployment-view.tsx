import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { DeploymentDetail } from '@contract/deployments.ts'
import { deviceDeploymentStatus } from '@contract/devices.ts'
import { formatFilter } from '@contract/filters.ts'
import { planText } from '@contract/plan-text.ts'
import { Button } from '@mantine/core'
import { OctagonX } from 'lucide-react'
import { useState } from 'react'
import { PauseButtons } from '../../app/pause-buttons.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { May } from '../../app/may.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { DEPLOYMENT_STATUSES } from '../../ui/deployment-states.ts'
import { span } from '../../ui/format.ts'
import { OutcomeBar } from '../../ui/outcome-bar.tsx'
import { Refusal } from '../../ui/refusal.tsx'
import { useNow } from '../../ui/use-now.ts'
import { Moment } from '../../ui/moment.tsx'
import { AttemptsPlot } from './attempts-plot.tsx'
import styles from './deployments.module.css'
import { DownloadPlots } from './download-plots.tsx'
import figures from './figures.module.css'
import { DeviceOutcomes } from './device-outcomes.tsx'

/** One deployment with what became of every device. */
export function DeploymentView({ id }: { id: string }) {
  const detail = useLive(`deployments.show ${id}`, (engine, signal) => engine.deployments.show({ id }, { signal }))
  const deployment = detail.value
  if (deployment === null)
    return <section className={styles.view}>{detail.failure !== null && <Refusal failure={detail.failure} className="dim" />}</section>
  return (
    <DeviceOutcomes deployment={deployment}>
      <Head deployment={deployment} />
      <div className={figures.figures}>
        <DownloadPlots id={id} />
        <AttemptsPlot id={id} />
      </div>
    </DeviceOutcomes>
  )
}

function Head({ deployment }: { deployment: DeploymentDetail }) {
  const now = useNow()
  const plan = [deployment.filter === null ? '' : t`for ${formatFilter(deployment.filter)}`, planText(deployment.plan)]
    .filter(Boolean)
    .join('; ')
  const took = (deployment.finishedAt ?? now) - deployment.createdAt
  return (
    <header className={styles.head}>
      <div className={styles.headLine}>
        <h2 className={styles.title}>{deployment.name}</h2>
        <span className={styles.headActions}>
          <PauseButtons deploymentId={deployment.id} />
          {deployment.status !== 'finished' && <Abort deployment={deployment} />}
        </span>
      </div>
      <p className={styles.headFacts}>
        <span className="mono">{deployment.artifactName}</span>
        <span>{plural(deployment.deviceCount, { one: '# device', other: '# devices' })}</span>
        <span>
          <Trans>
            created <Moment at={deployment.createdAt} />
          </Trans>
        </span>
        <span>{deployment.status === 'finished' ? t`finished after ${span(took)}` : t`${deployment.status} for ${span(took)}`}</span>
      </p>
      {plan !== '' && <p className={styles.headFacts}>{plan}</p>}
      {deployment.stoppedWhy !== '' && <p className={styles.stopped}>{deployment.stoppedWhy}</p>}
      <OutcomeBar {...deployment} />
    </header>
  )
}

function Abort({ deployment }: { deployment: DeploymentDetail }) {
  const [isAsking, setAsking] = useState(false)
  const abort = useAction((engine) => engine.deployments.abort({ id: deployment.id }))
  const waiting = deployment.statistics.pending ?? 0
  const unfinished = deviceDeploymentStatus.options.filter((status) => !DEPLOYMENT_STATUSES[status].isFinal)
  const working = unfinished.reduce((sum, status) => sum + (deployment.statistics[status] ?? 0), 0) - waiting
  return (
    <>
      <May group="deployments">
        <Button variant="default" leftSection={<OctagonX size={13} />} onClick={() => setAsking(true)}>
          {t`Abort…`}
        </Button>
      </May>
      <Confirm
        title={t`Abort ${deployment.name}?`}
        action={t`Abort`}
        isOpen={isAsking}
        onConfirm={() => abort.run()}
        onClose={() => setAsking(false)}
      >
        <p>
          {t`${plural(waiting, { one: '# device', other: '# devices' })} that did not start yet will get nothing. ${plural(working, { one: '# device', other: '# devices' })} at work will stop at the next report to the server and go back to what they ran. Devices that are done stay as they are.`}
        </p>
      </Confirm>
    </>
  )
}
