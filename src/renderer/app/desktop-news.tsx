import { useEffect, useRef } from 'react'
import { needsPerson } from '../ui/card-states.ts'
import { useConnection } from './connection-context.tsx'
import { useDevices, useJobs } from './facts.tsx'
import { endedJobs, needyDevices, type News } from './news.ts'

/** Has the desktop say what ended and who needs a person. It does so only while the window has not the focus. */
export function DesktopNews() {
  const { desktop } = useConnection()
  const jobs = useJobs().value
  const devices = useDevices().value
  // What was so before the window opened is not told again.
  const ended = useRef<ReadonlySet<string> | null>(null)
  const needy = useRef<ReadonlySet<string> | null>(null)
  useEffect(() => {
    const tell = (news: News | null): void => {
      // Only a desktop shows it; the page goes on without.
      if (news !== null) desktop?.notify(news).catch(() => undefined)
    }
    if (jobs !== null) {
      if (ended.current !== null) tell(endedJobs(jobs, ended.current))
      ended.current = new Set(jobs.filter(({ state }) => state !== 'running').map(({ id }) => id))
    }
    if (devices !== null) {
      if (needy.current !== null) tell(needyDevices(devices, needy.current))
      needy.current = new Set(devices.filter(needsPerson).map(({ id }) => id))
    }
  }, [jobs, devices, desktop])
  return null
}
