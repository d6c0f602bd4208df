import { useEffect } from 'react'
import { useConnection } from './connection-context.tsx'
import { useJobs } from './facts.tsx'
import { runningSentence, shareOf } from './job-progress.ts'
import { useUploads } from './transfers.ts'

/** Tells the desktop what goes on: progress for the taskbar, and what quitting would stop. A browser asks before it ends uploads. */
export function WorkSignals() {
  const { desktop } = useConnection()
  const running = (useJobs().value ?? []).filter(({ state }) => state === 'running')
  // Whole percent: not more often than can be seen.
  const total = running.reduce((sum, job) => sum + shareOf(job), 0)
  const percent = running.length === 0 ? null : Math.floor((100 * total) / running.length)
  const reasons = running.map(runningSentence).join('\n')
  useEffect(() => {
    const work = { fraction: percent === null ? null : percent / 100, reasons: reasons === '' ? [] : reasons.split('\n') }
    // Only a desktop shows this; the page goes on without.
    desktop?.showWork(work).catch(() => undefined)
  }, [percent, reasons, desktop])
  const isUploading = useUploads().uploads.length > 0
  useEffect(() => {
    if (!isUploading) return
    const ask = (event: Event): void => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isUploading])
  return null
}
