import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { lineOpener } from './board-line.ts'
import { Consoles } from './consoles/consoles.ts'
import { discoveriesOf } from './discovery-parts.ts'
import type { EngineParts } from './parts.ts'
import { OpenPorts } from './provision/serial/open-ports.ts'

const joinedPlaces = z.record(z.string(), z.string())
const JOINED = 'consoles.devices'

type Ground = Pick<EngineParts, 'host' | 'store' | 'dataFolder' | 'jobs' | 'boards'>

/** The consoles, the serial ports under them, and what looks for boards. Whose console a place is, is remembered as long as there is such a device. */
export function consolesOf({ host, store, dataFolder, jobs, boards }: Ground) {
  const joined = () => store.settings.get(JOINED, joinedPlaces) ?? {}
  const deviceIdAt = (place: string): string | null => {
    const deviceId = joined()[place] ?? null
    return deviceId !== null && store.devices.get(deviceId) ? deviceId : null
  }
  const consoles = new Consoles({
    ...{ host, folder: `${dataFolder}/consoles`, newId: randomUUID },
    startJob: (request, work) => jobs.start(request, work),
    joined: {
      get: deviceIdAt,
      set: (place, deviceId) => {
        const { [place]: _before, ...others } = joined()
        store.settings.set(JOINED, deviceId === null ? others : { ...others, [place]: deviceId })
      },
    },
  })
  return { consoles, ports: new OpenPorts(lineOpener(host.files, boards)), discoveries: discoveriesOf({ host, store, deviceIdAt }) }
}
