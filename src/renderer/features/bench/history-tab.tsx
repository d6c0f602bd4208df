import { t } from '@lingui/core/macro'
import type { Device, DeviceHistory } from '@contract/devices.ts'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { DeviceLog } from '../../app/device-log.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { DEPLOYMENT_STATUSES } from '../../ui/deployment-states.ts'
import { span } from '../../ui/format.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { useNow } from '../../ui/use-now.ts'
import { Moment } from '../../ui/moment.tsx'
import styles from './history-tab.module.css'

/** What was deployed to a device, the newest first. */
export function HistoryTab({ device: { id } }: { device: Device }) {
  const { value, failure } = useLive(`devices.history ${id}`, (engine, signal) => engine.devices.history({ id }, { signal }))
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null) return null
  if (value.length === 0) return <p className="dim">{t`Nothing was deployed to it yet.`}</p>
  return (
    <ol className={styles.list} aria-label={t`Deployments of this device`}>
      {value.map((each) => (
        <Entry key={each.deploymentId} deviceId={id} entry={each} />
      ))}
    </ol>
  )
}

function Entry({ deviceId, entry }: { deviceId: string; entry: DeviceHistory[number] }) {
  const now = useNow()
  const { go, selectDeployment, explain } = useWindow()
  const [isLogShown, setLogShown] = useState(false)
  const { deploymentId, name, artifactName, status, explanation, createdAt, startedAt, finishedAt, hasLog } = entry
  return (
    <li className={styles.entry}>
      <div className={styles.line}>
        <StateWord {...DEPLOYMENT_STATUSES[status]} />
        <Moment className={styles.when} at={createdAt} />
      </div>
      <button
        type="button"
        className={styles.name}
        title={t`Show the deployment`}
        onClick={() => {
          selectDeployment(deploymentId)
          go('deployments')
        }}
      >
        {name}
      </button>
      <p className={styles.facts}>
        <span className="mono">{artifactName}</span>
        {startedAt !== null && <span>{span((finishedAt ?? now) - startedAt)}</span>}
      </p>
      {explanation !== '' && <p className={styles.why}>{explanation}</p>}
      <div className={styles.actions}>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => explain(deviceId, deploymentId)}>
          {t`Timeline`}
        </Button>
        {hasLog && (
          <Button variant="subtle" color="gray" size="compact-xs" aria-expanded={isLogShown} onClick={() => setLogShown(!isLogShown)}>
            {t`Device log`}
          </Button>
        )}
      </div>
      {isLogShown && <DeviceLog deploymentId={deploymentId} deviceId={deviceId} />}
    </li>
  )
}
