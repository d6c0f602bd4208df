import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { tellFile } from '../tell-file.ts'

export function openedHandlers(os: Operations, { host }: Pick<EngineParts, 'host'>) {
  return { tell: os.opened.tell.handler(({ input }) => tellFile(host.files, input.path)) }
}
