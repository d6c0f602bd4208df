import { plural, t } from '@lingui/core/macro'
import { Lock, ShieldAlert, ShieldCheck, ShieldX } from 'lucide-react'
import { andMore, daysUntil, percent } from '../ui/format.ts'
import { useNow } from '../ui/use-now.ts'
import { AccountMenu } from './account-menu.tsx'
import { AcceptMode } from './accept-mode.tsx'
import { useDeviceCount, useJobs, useServer } from './facts.tsx'
import { useLink } from './connection-context.tsx'
import { May } from './may.tsx'
import { ServerPopover } from './server-popover.tsx'
import styles from './status-bar.module.css'
import { useUploads } from './transfers.ts'
import { useWindow } from './window-state.ts'

/** One line at the foot of the window: the server, and what it is about. */
export function StatusBar() {
  const link = useLink()
  const server = useServer().value
  const deviceCount = useDeviceCount() ?? 0
  const isRunning = link.kind === 'open' && server?.state === 'running'
  return (
    <footer className={styles.bar} data-region="status">
      {isRunning ? (
        <ServerPopover server={server} />
      ) : (
        <span className={styles.item}>
          <span className={styles.light} aria-hidden />
          {t`Server stopped`}
        </span>
      )}
      <span className={styles.item}>{plural(deviceCount, { one: '# device', other: '# devices' })}</span>
      {isRunning && <Certificate expiresAt={server.certificate?.expiresAt ?? null} />}
      {isRunning && (
        <May group="server">
          <AcceptMode />
        </May>
      )}
      <RunningWork />
      <AccountMenu />
      <span className={styles.offline} title={t`The window loads nothing from anywhere. Only the server above listens, for devices.`}>
        <ShieldCheck size={13} aria-hidden /> {t`no internet access`}
      </span>
    </footer>
  )
}

/** A certificate that ends this soon wants to be seen. */
const SOON_DAYS = 30

function Certificate({ expiresAt }: { expiresAt: number | null }) {
  const now = useNow()
  const { showSettings } = useWindow()
  if (expiresAt === null) return null
  const days = daysUntil(expiresAt, now)
  const [token, Icon] =
    days < 0 ? (['danger', ShieldX] as const) : days < SOON_DAYS ? (['attention', ShieldAlert] as const) : ([undefined, Lock] as const)
  return (
    <button
      type="button"
      className={styles.button}
      data-token={token}
      title={
        days < 0
          ? t`The server's certificate has ended`
          : plural(days, { one: "The server's certificate ends in # day", other: "The server's certificate ends in # days" })
      }
      onClick={() => showSettings('certificate')}
    >
      <Icon size={12} aria-hidden /> {days < 0 ? t`certificate expired` : t`certificate ${days} d`}
    </button>
  )
}

/** Long work, the uploads of this page first: the one, and how many more there are. */
function RunningWork() {
  const running = (useJobs().value ?? []).filter((job) => job.state === 'running')
  const { uploads } = useUploads()
  const { go } = useWindow()
  const [upload, job] = [uploads[0], running[0]]
  const more = uploads.length + running.length - 1
  const look = `${styles.button} ${styles.job}`
  if (upload !== undefined)
    return (
      <button type="button" className={look} title={t`Show it`} onClick={() => go(upload.folder === null ? 'artifacts' : 'flash')}>
        {andMore(`${t`Upload ${upload.name}`}, ${percent(upload.doneBytes, upload.totalBytes)} %`, more)}
      </button>
    )
  if (job === undefined) return null
  const step = job.steps[job.step]
  const { progress } = job
  return (
    <button type="button" className={look} title={t`Show all jobs`} onClick={() => go('jobs')}>
      {andMore(
        [
          step === undefined ? job.title : `${job.title}: ${step}`,
          ...(progress?.total ? [`${percent(progress.done, progress.total)} %`] : []),
        ].join(', '),
        more,
      )}
    </button>
  )
}
