import { inspectSource } from '../flash/source.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function flashHandlers(os: Operations, { flashes, host }: EngineParts) {
  return {
    inspect: os.flash.inspect.handler(({ input }) =>
      inspectSource({ ...host, freeBytes: host.machine.freeBytes }, { ...input, sha256: null }),
    ),
    start: os.flash.start.handler(({ input }) => flashes.start(input)),
    list: os.flash.list.handler(live([flashes.changes], () => flashes.list())),
    pause: os.flash.pause.handler(({ input }) => flashes.pause(input.id, input.lanes)),
    continue: os.flash.continue.handler(({ input }) => flashes.continue(input.id, input.lanes)),
    cancel: os.flash.cancel.handler(({ input }) => flashes.cancel(input.id, input.lanes)),
    retry: os.flash.retry.handler(({ input }) => flashes.retry(input.id, input.lanes, input.identities)),
    forget: os.flash.forget.handler(({ input }) => flashes.forget(input.id)),
  }
}
