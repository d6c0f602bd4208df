import { AppError, type Failure, toAppError } from '@contract/errors.ts'
import type { desktop as desktopContract } from '@contract/desktop.ts'
import type { contract } from '@contract/index.ts'
import type { ContractRouterClient } from '@orpc/contract'

export type Engine = ContractRouterClient<typeof contract>
export type Desktop = ContractRouterClient<typeof desktopContract>

interface OpenLink {
  kind: 'open'
  engine: Engine
}

/** `login`: in a browser that nobody has logged in. */
export type Link = { kind: 'connecting' } | { kind: 'login' } | OpenLink | { kind: 'stopped'; failure: Failure }

/** The page's way to the engine. It outlives engines: each new one gets a new `open` link. */
export class Connection {
  /** null in a browser. */
  desktop: Desktop | null = null
  #link: Link = { kind: 'connecting' }
  #listeners = new Set<() => void>()
  #restart: () => Promise<void> = () => Promise.resolve()

  get link(): Link {
    return this.#link
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  become(link: Link): void {
    this.#link = link
    for (const listener of this.#listeners) listener()
  }

  onRestart(restart: () => Promise<void>): void {
    this.#restart = restart
  }

  async restart(): Promise<void> {
    this.become({ kind: 'connecting' })
    try {
      await this.#restart()
    } catch (thrown) {
      this.become({ kind: 'stopped', failure: toAppError(thrown).toFailure() })
    }
  }

  /** The open link, as soon as there is one. Fails with the reason when it is stopped. */
  async opened(): Promise<OpenLink> {
    while (this.#link.kind === 'connecting' || this.#link.kind === 'login') await this.#change()
    if (this.#link.kind === 'open') return this.#link
    const { code, message, hint } = this.#link.failure
    throw new AppError(code, message, hint)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        stop()
        resolve()
      })
    })
  }

  /** What a rejected call failed of: an engine that is gone explains every call that waited on it. */
  explain(thrown: unknown): Failure {
    if (this.#link.kind === 'stopped') return this.#link.failure
    return toAppError(thrown).toFailure()
  }
}
