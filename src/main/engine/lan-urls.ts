import type { NetworkAddress } from './host.ts'

/** Addresses under which devices on the lab network reach a listener at `listening`: the machine's own ones when `host` means all of them. */
export function lanUrls(listening: string | null, host: string | undefined, addresses: readonly NetworkAddress[]): string[] {
  if (listening === null) return []
  const url = new URL(listening)
  if (host !== '0.0.0.0' && host !== '::') return [url.origin]
  const lan = addresses.filter(({ family, isLoopback }) => family === 4 && !isLoopback)
  const usable = lan.length > 0 ? lan : addresses.filter(({ family }) => family === 4)
  return usable.map(({ address }) => `${url.protocol}//${address}${url.port === '' ? '' : `:${url.port}`}`)
}
