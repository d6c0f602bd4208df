import type { DiscoveredBoard } from './discovery.ts'

interface Attribute {
  name: string
  value: string | readonly string[]
}

/** What a device tells of its addresses: its inventory calls them `ipv4_eth0`, and writes the width of the network behind them. */
export function addressesIn(attributes: readonly Attribute[]): string[] {
  const told = attributes.filter(({ name }) => /^ipv[46]_(?!lo$)/.test(name))
  return told.flatMap(({ value }) => value).map((address) => address.replace(/\/\d+$/, ''))
}

/**
 * Where one may log in to a device over SSH, the likeliest first: as it is noticed on the network, then as it tells. An address that holds
 * on one link only would need to be told which.
 */
export function sshPlacesOf(
  inventory: readonly Attribute[],
  noticed: Pick<DiscoveredBoard, 'ssh' | 'addresses'> | undefined,
): { host: string; port: number }[] {
  const { ssh, addresses } = noticed ?? { ssh: null, addresses: [] }
  const others = new Set([...addresses, ...addressesIn(inventory)].filter((address) => address !== ssh?.host && !/^fe80:/i.test(address)))
  const inOrder = [...others].toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  return [...(ssh === null ? [] : [ssh]), ...inOrder.map((host) => ({ host, port: 22 }))]
}
