import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { PlugZap, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import { Empty } from '../../ui/empty.tsx'
import { connectionWords } from './connection-words.ts'

/** What needs the device's connection; without one it says why there is nothing. */
export function Connected({ device, children }: { device: Device; children: ReactNode }) {
  const { state } = device.connection
  if (state === 'connected') return children
  const { word, text } = connectionWords(device)
  return <Empty icon={state === 'reconnecting' ? PlugZap : Unplug} title={t`${device.name} is ${word}`} text={text} />
}
