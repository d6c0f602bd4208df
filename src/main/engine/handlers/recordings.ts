import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function recordingHandlers(os: Operations, { changes, recordings }: EngineParts) {
  return {
    list: os.recordings.list.handler(live([changes.recordings], () => recordings.list())),
    read: os.recordings.read.handler(async ({ input }) => ({ cast: await recordings.read(input.id) })),
    remove: os.recordings.remove.handler(({ input }) => recordings.remove(input.id)),
    isOn: os.recordings.isOn.handler(live([changes.settings], () => recordings.isOn)),
    setOn: os.recordings.setOn.handler(({ input }) => recordings.setOn(input.isOn)),
  }
}
