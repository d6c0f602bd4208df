import { t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { Button } from '@mantine/core'
import { Ban, RotateCcw } from 'lucide-react'
import { JobBar, JobLog, JobSteps } from '../../app/job-details.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { span } from '../../ui/format.ts'
import { Inspector, InspectorBody, InspectorFoot } from '../../ui/inspector.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { useNow } from '../../ui/use-now.ts'
import { Moment } from '../../ui/moment.tsx'
import { JobState } from './job-state.tsx'

/** One job: how far it has come, why it failed, and its log. */
export function JobInspector({ job, onClose }: { job: Job; onClose: () => void }) {
  const now = useNow()
  const { failure, state, canRetry, startedAt, endedAt, title, kind } = job
  const { selectJob } = useWindow()
  const cancel = useAction((engine) => engine.jobs.cancel({ id: job.id }))
  const retry = useAction(
    (engine) => engine.jobs.retry({ id: job.id }),
    (answer) => selectJob(answer.jobId),
  )
  return (
    <Inspector title={title} subtitle={<JobState job={job} />} onClose={onClose}>
      <InspectorBody>
        {failure !== null && state === 'failed' && (
          <Trouble>
            {failure.message}. {failure.hint} <span className="mono dim">{failure.code}</span>
          </Trouble>
        )}
        {state === 'running' && <JobBar job={job} />}
        <Label>{t`Steps`}</Label>
        <JobSteps job={job} />
        <Label>{t`Job`}</Label>
        <Facts
          rows={[
            [t`kind`, kind],
            [t`started`, <Moment key="started" at={startedAt} />],
            [t`took`, span((endedAt ?? now) - startedAt)],
          ]}
        />
        <JobLog job={job} />
      </InspectorBody>
      {canRetry && (
        <InspectorFoot>
          <May group="jobs">
            <Button leftSection={<RotateCcw size={13} />} loading={retry.isBusy} onClick={() => retry.run()}>
              {t`Start again`}
            </Button>
          </May>
        </InspectorFoot>
      )}
      {state === 'running' && (
        <InspectorFoot>
          <May group="jobs">
            <Button variant="default" leftSection={<Ban size={13} />} loading={cancel.isBusy} onClick={() => cancel.run()}>
              {t`Cancel`}
            </Button>
          </May>
        </InspectorFoot>
      )}
    </Inspector>
  )
}
