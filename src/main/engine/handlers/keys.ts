import { readSignature } from '../artifact/read.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function keyHandlers(os: Operations, parts: EngineParts) {
  const { keyRing, store } = parts
  return {
    list: os.keys.list.handler(live([store.changes.keys], () => keyRing.list())),
    protection: os.keys.protection.handler(live([store.changes.keys], () => keyRing.protection())),
    generate: os.keys.generate.handler(({ input }) => keyRing.generate(input.name, input.algorithm)),
    import: os.keys.import.handler(async ({ input }) => {
      const key = await keyRing.import(input.name, input.pem, input.passphrase)
      await proveAnew(parts)
      return key
    }),
    rename: os.keys.rename.handler(async ({ input }) => {
      const key = keyRing.rename(input.id, input.name)
      await proveAnew(parts)
      return key
    }),
    remove: os.keys.remove.handler(async ({ input }) => {
      await keyRing.remove(input.id)
      await proveAnew(parts)
    }),
  }
}

/** Which key signed what is said by the keys that are here: others are here now, or under other names. */
async function proveAnew({ store, actions, verificationKeys }: EngineParts): Promise<void> {
  for (const artifact of store.artifacts.list().filter(({ content }) => content.signature.present)) {
    const { verifiedBy } = await readSignature(actions.artifactFiles.read(artifact.id), verificationKeys())
    if (verifiedBy !== artifact.content.signature.verifiedBy) store.artifacts.setVerifiedBy(artifact, verifiedBy)
  }
}
