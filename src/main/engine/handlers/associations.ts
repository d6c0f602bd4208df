import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function associationHandlers(os: Operations, { associations }: Pick<EngineParts, 'associations'>) {
  return {
    show: os.associations.show.handler(async () => ({ isOn: await associations.isOn() })),
    set: os.associations.set.handler(({ input }) => (input.isOn ? associations.install() : associations.remove())),
  }
}
