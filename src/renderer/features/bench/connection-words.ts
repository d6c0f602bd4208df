import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'

/** Whether a device can be worked on, in a word and a sentence. */
export const CONNECTIONS: Readonly<Record<Device['connection']['state'], { word: string; text: string }>> = {
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
