import { t } from '@lingui/core/macro'
import type { ProvisionOutcome } from '@contract/provision.ts'
import { Button, Group } from '@mantine/core'
import { useJobs } from '../../app/facts.tsx'
import { JobBar, JobLog, JobSteps } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import styles from './provision.module.css'
import { Refusal } from '../../ui/refusal.tsx'

interface ProvisionRunProps {
  jobId: string
  /** Back to the form. */
  onAgain: () => void
  onClose: () => void
}

/** A recipe while it is carried out, and what it came to. It goes on when this is closed: it is a job like others. */
export function ProvisionRun({ jobId, onAgain, onClose }: ProvisionRunProps) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  const outcome = useLive(`provision.outcome ${jobId}`, (engine, signal) => engine.provision.outcome({ jobId }, { signal })).value
  const cancel = useAction((engine) => engine.jobs.cancel({ id: jobId }))
  const { inspect } = useWindow()
  if (job === undefined) return null
  const deviceId = outcome?.deviceId ?? null
  function showDevice(): void {
    onClose()
    if (deviceId !== null) inspect(deviceId)
  }
  return (
    <>
      <div className={styles.columns}>
        <section className={styles.fields} aria-label={job.title}>
          <h3 className={styles.title}>{job.title}</h3>
          {job.state === 'running' && <JobBar job={job} />}
          <JobSteps job={job} />
        </section>
        <section className={styles.plan} aria-label={t`Result`}>
          {job.failure !== null && <Refusal failure={job.failure} className={styles.problem} />}
          {outcome !== null && <Outcome outcome={outcome} />}
          <JobLog job={job} />
        </section>
      </div>
      <Group justify="flex-end" mt="md" gap="xs">
        {job.state === 'running' && (
          <Button variant="default" loading={cancel.isBusy} onClick={() => cancel.run()}>
            {t`Cancel`}
          </Button>
        )}
        {job.state !== 'running' && (
          <Button variant="default" onClick={onAgain}>
            {job.state === 'done' ? t`Another board` : t`Back`}
          </Button>
        )}
        {deviceId !== null && <Button onClick={showDevice}>{t`Show the device`}</Button>}
      </Group>
    </>
  )
}

function Outcome({ outcome: { changed, unchanged, identity, keyFingerprint, leftOut } }: { outcome: ProvisionOutcome }) {
  const key: [string, string][] = keyFingerprint === null ? [] : [[t`key`, keyFingerprint]]
  return (
    <>
      <Label>{changed.length === 0 ? t`Nothing had to be changed` : t`${changed.length} changed, ${unchanged.length} as they were`}</Label>
      <ul className={styles.lines}>
        {changed.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {leftOut.length > 0 && (
        <>
          <Label>{t`Left out: it needs a running board`}</Label>
          <ul className={styles.lines}>
            {leftOut.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
      <Label>{t`Identity`}</Label>
      <Facts rows={[...Object.entries(identity), ...key]} />
    </>
  )
}
