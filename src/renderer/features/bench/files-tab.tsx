import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button, Group, TextInput } from '@mantine/core'
import { Download, Upload } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useJobs } from '../../app/facts.tsx'
import { finishJob } from '../../app/finish-job.ts'
import { useMachine } from '../../app/machine.ts'
import { JobBar } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import { May } from '../../app/may.tsx'
import { Label } from '../../ui/chip.tsx'

/** Files between this machine and the device. */
export function FilesTab({ device }: { device: Device }) {
  const [jobId, setJobId] = useState<string | null>(null)
  const [done, setDone] = useState('')
  const connection = useConnection()
  const machine = useMachine()
  const begin = async (start: () => Promise<{ jobId: string }>, end: string): Promise<void> => {
    const { engine } = await connection.opened()
    const started = await start()
    setDone('')
    setJobId(started.jobId)
    try {
      await finishJob(engine, started.jobId)
      setDone(end)
    } finally {
      setJobId(null)
    }
  }
  const get = useAction(async (engine, path: string) => {
    const to = (await machine?.pickSavePath({ suggestedName: path.split('/').at(-1) ?? 'file' }))?.path ?? null
    if (to !== null) await begin(() => engine.remote.getFile({ deviceId: device.id, path, to }), t`${path} is here: ${to}`)
  })
  const put = useAction(async (engine, path: string) => {
    const [from] = (await machine?.pickFiles({ title: t`Put a file on ${device.name}`, isSeveral: false, isFolder: false }))?.paths ?? []
    if (from !== undefined)
      await begin(
        () => engine.remote.putFile({ deviceId: device.id, from, path }),
        t`${from.split('/').at(-1) ?? from} is on the device, in ${path}`,
      )
  })
  if (machine === null) return <p className="dim">{t`In a browser: otabench devices cp ${device.name}:/path file, in both directions.`}</p>
  const isBusy = get.isBusy || put.isBusy
  return (
    <>
      <PathForm
        label={t`Get`}
        hint="/var/log/syslog"
        text={t`File on the device`}
        action={t`Get…`}
        icon={<Download size={13} />}
        isBusy={isBusy}
        onPath={get.run}
      />
      <PathForm
        label={t`Put`}
        hint="/tmp/"
        text={t`Folder or file name on the device`}
        action={t`Put…`}
        icon={<Upload size={13} />}
        isBusy={isBusy}
        onPath={put.run}
      />
      {jobId !== null && <Progress jobId={jobId} />}
      {done !== '' && (
        <p className="dim">
          <output>{done}</output>
        </p>
      )}
    </>
  )
}

interface PathFormProps {
  label: string
  text: string
  hint: string
  action: string
  icon: React.ReactNode
  isBusy: boolean
  onPath: (path: string) => void
}

function PathForm({ label, text, hint, action, icon, isBusy, onPath }: PathFormProps) {
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const path = new FormData(event.currentTarget).get('path')
    if (typeof path === 'string' && path !== '') onPath(path)
  }
  return (
    <form onSubmit={submit}>
      <Label>{label}</Label>
      <Group gap="xs" align="end" wrap="nowrap">
        <TextInput
          name="path"
          aria-label={text}
          placeholder={t`${text}, as ${hint}`}
          style={{ flex: 1 }}
          required
          pattern="/.*"
          title={t`A path from /`}
        />
        <May group="remote">
          <Button type="submit" variant="default" leftSection={icon} disabled={isBusy}>
            {action}
          </Button>
        </May>
      </Group>
    </form>
  )
}

function Progress({ jobId }: { jobId: string }) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  if (!job) return null
  return (
    <>
      <Label>{job.title}</Label>
      <JobBar job={job} />
    </>
  )
}
