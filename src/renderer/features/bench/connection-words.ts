import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'

interface ConnectionWords {
  word: string
  text: string
}

const CONNECTIONS: Readonly<Record<Device['connection']['state'], ConnectionWords>> = {
  connected: { word: t`connected`, text: t`Its mender-connect holds a connection.` },
  reconnecting: {
    word: t`reconnecting`,
    text: t`It was connected a moment ago, and comes back within seconds: each update renews its token.`,
  },
  disconnected: { word: t`disconnected`, text: t`Its mender-connect calls again by itself, within half an hour after a long absence.` },
  never: {
    word: t`not connected`,
    text: t`Terminal and files need mender-connect on the device. Install it, and it calls here by itself.`,
  },
}

/** Of a virtual device, which has all that it takes. */
const COMING: ConnectionWords = { word: t`not connected yet`, text: t`While it runs, a virtual device connects by itself within seconds.` }

/** Whether a device can be worked on, in a word and a sentence. */
export function connectionWords({ virtual, connection: { state } }: Pick<Device, 'virtual' | 'connection'>): ConnectionWords {
  return virtual !== null && state === 'never' ? COMING : CONNECTIONS[state]
}
