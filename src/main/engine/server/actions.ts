import type { ArtifactFiles } from '../store/artifact-files.ts'
import type { Store } from '../store/open.ts'

/** What actions work with. Every change that a person or a program orders is one function, for the HTTP API and the engine's operations alike. */
export interface ActionParts {
  store: Store
  artifactFiles: ArtifactFiles
  now(): number
  /** A new UUID. */
  newId(): string
}
