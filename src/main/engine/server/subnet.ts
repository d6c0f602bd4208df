import { BlockList, isIP } from 'node:net'

/** Whether an address lies in a network (CIDR). An IPv4 address may come in the form that it has on an IPv6 socket. */
export function isInSubnet(address: string, subnet: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  const [network = '', bits = ''] = subnet.split('/')
  const family = isIP(network)
  if (family === 0 || isIP(plain) !== family) return false
  const list = new BlockList()
  const type = family === 6 ? 'ipv6' : 'ipv4'
  list.addSubnet(network, Number(bits), type)
  return list.check(plain, type)
}
