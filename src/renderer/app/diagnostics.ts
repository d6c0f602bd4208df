import type { Job } from '@contract/jobs.ts'
import type { ServerStatus } from '@contract/server.ts'

interface Known {
  versions: { app: string; electron: string; node: string } | null
  server: ServerStatus | null
  jobs: readonly Job[]
  counts: Readonly<Record<string, number>>
  now: number
}

const LAST = 5

/** What helps to find out what is wrong, as text to be handed on: no key, token, password, identity or address of a person is in it. */
export function diagnosticsText({ versions, server, jobs, counts, now }: Known): string {
  const failed = jobs.filter(({ state }) => state === 'failed').slice(0, LAST)
  return [
    `OTA Bench ${versions?.app ?? 'in a browser'}, ${new Date(now).toISOString()}`,
    versions === null ? '' : `Electron ${versions.electron}, Node ${versions.node}`,
    `system: ${navigator.userAgent}`,
    `window: ${window.innerWidth} x ${window.innerHeight} at ${window.devicePixelRatio}`,
    server === null
      ? 'server: not known'
      : `server: ${server.state}; https ${server.https === null ? 'off' : 'on'}; new devices: ${server.acceptMode === 'all' ? 'all' : 'by rule'}`,
    server?.certificate
      ? `certificate: ${server.certificate.isOwn ? 'own' : 'of another authority'}, until ${new Date(server.certificate.expiresAt).toISOString()}${server.certificate.problem}`
      : '',
    ...Object.entries(counts).map(([what, count]) => `${what}: ${count}`),
    ...failed.map(({ kind, failure, steps, step }) => `failed job: ${kind} at ${steps[step] ?? 'its end'}: ${failure?.code ?? ''}`),
  ]
    .filter((line) => line !== '')
    .join('\n')
}
