import { z } from 'zod'
import type { Host } from '../host.ts'
import type { Sighting } from './merge.ts'
import { systemFiles } from '../lib/system-files.ts'

const neighbour = z.object({ dst: z.string(), lladdr: z.string().optional(), dev: z.string(), state: z.array(z.string()).default([]) })

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

/** Who is on the networks of this machine, as far as the kernel has met them. Nobody is asked. */
export async function neighbours({ programs, files, machine }: Host): Promise<Sighting[]> {
  if (machine.platform !== 'linux') return []
  if ((await programs.find('ip')) !== null) {
    const { exitCode, stdout } = await programs.run('ip', ['-j', 'neigh'])
    if (exitCode === 0) return fromIp(stdout)
  }
  return fromArp(await systemFiles(files).text('/proc/net/arp'))
}

/** Of `ip -j neigh`. */
export function fromIp(json: string): Sighting[] {
  const known = z.array(neighbour).safeParse(parsed(json)).data ?? []
  return known
    .filter(({ lladdr, state }) => MAC.test(lladdr ?? '') && !state.some((each) => each === 'FAILED' || each === 'INCOMPLETE'))
    .map(({ dst, lladdr, dev }) => sighting(dst, lladdr ?? '', dev))
}

/** Of /proc/net/arp, where there is no such program. */
export function fromArp(text: string): Sighting[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [address = '', , flags = '', mac = '', , dev = ''] = line.trim().split(/\s+/)
      return MAC.test(mac) && flags !== '0x0' ? [sighting(address, mac, dev)] : []
    })
}

function sighting(address: string, mac: string, dev: string): Sighting {
  return { road: 'neighbour', place: address, detail: dev, addresses: [address], macs: [mac.toLowerCase()] }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return []
  }
}
