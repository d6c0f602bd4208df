import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Files } from '../engine/host.ts'
import { readWhole } from '../engine/lib/file-streams.ts'

/** Lets this process trust, besides what the machine trusts, the authority in the PEM file of --ca. */
export async function trustAuthority(files: Files, caFile: string | undefined): Promise<void> {
  if (caFile === undefined) return
  const pem = new TextDecoder().decode(await readWhole(files, caFile))
  setDefaultCACertificates([...getCACertificates('default'), pem])
}
