import type { Webhook, WebhookKind } from '@contract/webhooks.ts'
import { CircleDashed, CircleCheck, type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react'
import type { Token } from '../../ui/card-states.ts'

/** What may be told, in words. */
export const KINDS: Readonly<Record<WebhookKind, string>> = {
  'device-status': 'a device is accepted, rejected or decommissioned',
  'device-new-key': 'a known device asks with a new key',
  'device-silent': 'a device falls silent, or is heard again',
  'deployment-created': 'a deployment is made',
  'deployment-device-status': 'a device takes a step of a deployment',
  'deployment-finished': 'a deployment is finished',
}

interface Look {
  word: string
  icon: LucideIcon
  token: Token
}

/** How a webhook is doing. */
export function lookOf({ lastError, deliveredAt, waitingCount }: Webhook): Look {
  if (lastError !== '') return { word: 'FAILING', icon: TriangleAlert, token: 'attention' }
  if (waitingCount > 0) return { word: 'TELLING', icon: RotateCw, token: 'progress' }
  return deliveredAt === null
    ? { word: 'NOTHING YET', icon: CircleDashed, token: 'neutral' }
    : { word: 'WORKS', icon: CircleCheck, token: 'ok' }
}
