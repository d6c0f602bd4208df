import type { Failure } from '@contract/errors.ts'

/** Why something could not be read or done, and what a person can do. */
export function Refusal({ failure: { message, hint }, className }: { failure: Failure; className?: string }) {
  return (
    <p className={className} role="alert">
      {message}. {hint}
    </p>
  )
}
