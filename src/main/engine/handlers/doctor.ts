import { findingsOf } from '../doctor/findings.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function doctorHandlers(os: Operations, { examine, drives }: EngineParts) {
  const following = live([drives.changes], async () => findingsOf(await examine()))
  return {
    list: os.doctor.list.handler(async function* (request) {
      using _watch = drives.watch()
      yield* following(request)
    }),
  }
}
