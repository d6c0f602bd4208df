import { createServer } from 'node:net'

/** How many TCP ports after the wanted one are tried. */
const NEXT_PORTS = 9

interface Address {
  host: string
  port: number
}

/**
 * The wanted address, or the first of the next nine TCP ports that nobody listens on; the wanted one again when all are taken,
 * so that listening there fails with its reason.
 */
export async function nearestFree({ host, port }: Address): Promise<Address> {
  for (let next = port; next <= Math.min(port + NEXT_PORTS, 65_535); next += 1) {
    if (await isFree({ host, port: next })) return { host, port: next }
  }
  return { host, port }
}

/** Whether nobody listens there. */
export function isFree({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
