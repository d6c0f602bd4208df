import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function keyHandlers(os: Operations, { keyRing, store }: EngineParts) {
  return {
    list: os.keys.list.handler(live([store.changes.keys], () => keyRing.list())),
    generate: os.keys.generate.handler(({ input }) => keyRing.generate(input.name, input.algorithm)),
    import: os.keys.import.handler(({ input }) => keyRing.import(input.name, input.pem)),
    remove: os.keys.remove.handler(({ input }) => keyRing.remove(input.id)),
  }
}
