import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { Job } from '@contract/jobs.ts'
import { linkText } from '@contract/links.ts'
import { CARD_STATES, needsPerson } from '../ui/card-states.ts'
import { span } from '../ui/format.ts'

/** What is said to who looks elsewhere. */
export interface News {
  title: string
  body: string
  link: string
}

/** What took less than this was not waited for. */
const LONG_MS = 5000
/** Flashing tells its own end, for all lanes at once. */
const TOLD_ELSEWHERE = new Set(['flash', 'start-bench'])

/** Jobs that have ended since: long ones, and those that failed. `known` are those that had ended before. */
export function endedJobs(jobs: readonly Job[], known: ReadonlySet<string>): News | null {
  const ended = jobs.filter(
    ({ id, kind, state, startedAt, endedAt }) =>
      !known.has(id) && !TOLD_ELSEWHERE.has(kind) && (state === 'failed' || (state === 'done' && (endedAt ?? 0) - startedAt > LONG_MS)),
  )
  const [first, ...more] = ended
  if (first === undefined) return null
  if (more.length > 0) {
    const failed = ended.filter(({ state }) => state === 'failed').length
    return {
      title: t`${plural(ended.length, { one: '# job', other: '# jobs' })} ended`,
      body: failed === 0 ? t`All are done` : t`${failed} failed`,
      link: linkText({ kind: 'place', id: 'jobs' }),
    }
  }
  const { id, title, failure, startedAt, endedAt } = first
  return { title, body: failure?.message ?? t`Done in ${span((endedAt ?? startedAt) - startedAt)}`, link: linkText({ kind: 'job', id }) }
}

/** Devices that have come to need a person. */
export function needyDevices(devices: readonly Device[], known: ReadonlySet<string>): News | null {
  const [first, ...more] = devices.filter((device) => needsPerson(device) && !known.has(device.id))
  if (first === undefined) return null
  if (more.length > 0) {
    const names = [first, ...more].map(({ name }) => name)
    return {
      title: t`${names.length} devices need you`,
      body: names.slice(0, 5).join(', '),
      link: linkText({ kind: 'place', id: 'bench' }),
    }
  }
  const { id, name, card } = first
  return { title: name, body: `${CARD_STATES[card.state].word.toLowerCase()}, ${card.detail}`, link: linkText({ kind: 'device', id }) }
}
