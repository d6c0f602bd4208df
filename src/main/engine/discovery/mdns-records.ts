import type { Sighting } from './merge.ts'

/** A record of an answer, as far as it is of use here. */
export type HeardRecord =
  | { kind: 'PTR'; name: string; target: string }
  | { kind: 'SRV'; name: string; target: string; port: number }
  | { kind: 'A' | 'AAAA'; name: string; target: string }

/** The services that boards tell of. */
export const SERVICE_TYPES = ['_ssh._tcp.local', '_sftp-ssh._tcp.local', '_workstation._tcp.local', '_mender._tcp.local'] as const

const SSH_TYPES: ReadonlySet<string> = new Set(['_ssh._tcp.local', '_sftp-ssh._tcp.local'])
/** Avahi writes the MAC into the name of a workstation. */
const MAC = /\[([0-9a-f]{2}(?::[0-9a-f]{2}){5})\]/i

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The hosts that tell of a service, one for each service. */
export function mdnsSightings(records: readonly HeardRecord[]): Sighting[] {
  const sightings: Sighting[] = []
  for (const { kind, name: type, target: instance } of records) {
    if (kind !== 'PTR' || !SERVICE_TYPES.some((each) => same(each, type))) continue
    const service = records.find((each) => each.kind === 'SRV' && same(each.name, instance))
    if (service?.kind !== 'SRV') continue
    const addresses = records.flatMap((each) =>
      (each.kind === 'A' || each.kind === 'AAAA') && same(each.name, service.target) ? [each.target] : [],
    )
    const label = instance.slice(0, Math.max(0, instance.length - type.length - 1))
    const mac = MAC.exec(label)?.[1]
    const host = addresses.find((address) => address.includes('.')) ?? service.target.replace(/\.$/, '')
    sightings.push({
      ...{ road: 'mdns', place: service.target.replace(/\.$/, ''), detail: type.slice(1, type.indexOf('.')) },
      ...{ hostNames: [service.target], addresses, macs: mac === undefined ? [] : [mac] },
      ...(SSH_TYPES.has(type.toLowerCase()) && { ssh: { host, port: service.port } }),
    })
  }
  return sightings
}
