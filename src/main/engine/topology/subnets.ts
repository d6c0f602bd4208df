import { BlockList, isIP } from 'node:net'
import type { NetworkAddress } from '../host.ts'

/** A network that this machine is in. */
export interface Subnet {
  /** `192.168.7.0/24` */
  name: string
  interfaceName: string
  has(address: string): boolean
}

/** The IPv4 networks of this machine, without its own loop. */
export function subnetsOf(addresses: readonly NetworkAddress[]): Subnet[] {
  return addresses
    .filter(({ family, isLoopback }) => family === 4 && !isLoopback)
    .map(({ address, prefixLength, interfaceName }) => ({ interfaceName, ...subnet(address, prefixLength) }))
}

/** The network of an address with its width behind it, `10.1.2.3/24`; null where that is none. */
export function subnetOf(address: string): string | null {
  const [ip = '', width = ''] = address.split('/')
  return isIP(ip) === 4 && /^([12]?\d|3[0-2])$/.test(width) ? subnet(ip, Number(width)).name : null
}

function subnet(address: string, prefixLength: number): Omit<Subnet, 'interfaceName'> {
  const list = new BlockList()
  list.addSubnet(address, prefixLength)
  const mask = prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const first = (number & mask) >>> 0
  const name = [24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join('.')
  return { name: `${name}/${prefixLength}`, has: (other) => isIP(other) === 4 && list.check(other) }
}
