import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../contract/index.ts'
import type { Host } from '../engine/host.ts'
import type { Printer } from './print.ts'

export type EngineClient = ContractRouterClient<typeof contract>

/** An engine to talk to: the running one named by --server, or one opened on the data folder for this command alone. */
export interface EngineSession extends AsyncDisposable {
  client: EngineClient
  /** Takes a file of this machine into the engine's library; answers the artifact's id. */
  addArtifact(file: ArtifactFile): Promise<string>
  /** A request of the running server's HTTP API, by its path; absent without --server. */
  request?(path: string, init: RequestInit): Promise<Response>
}

export interface ArtifactFile {
  /** Absolute. */
  path: string
  description: string
  allowExpansion?: boolean | undefined
  onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** Settings that every command takes. */
export interface GlobalOptions {
  /** The data folder, absolute. */
  data: string
  server?: string
  token?: string
  /** PEM file of the CA that --server's certificate hangs on. */
  ca?: string
}

/** What a command gets: the machine, where to print, when to stop, and an engine if it needs one. */
export interface CliContext {
  host: Host
  out: Printer
  /** Aborts on Ctrl+C and SIGTERM. */
  signal: AbortSignal
  /** The folder that relative paths of the command line start from, absolute. */
  cwd: string
  /** The built page, for browsers. */
  rendererFolder: string
  environment: Readonly<Record<string, string | undefined>>
  globals(): GlobalOptions
  openEngine(): Promise<EngineSession>
}
