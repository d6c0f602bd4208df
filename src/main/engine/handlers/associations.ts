import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function associationHandlers(os: Operations, { associations }: Pick<EngineParts, 'associations'>) {
  return {
    set: os.associations.set.handler(({ input }) => (input.isOn ? associations.install() : associations.remove())),
  }
}
