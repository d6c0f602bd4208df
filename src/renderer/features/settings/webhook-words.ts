import { t } from '@lingui/core/macro'
import type { Webhook, WebhookKind } from '@contract/webhooks.ts'
import { CircleDashed, CircleCheck, type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react'
import type { Token } from '../../ui/card-states.ts'

/** What may be told, in words. */
export const KINDS: Readonly<Record<WebhookKind, string>> = {
  'device-status': t`a device is accepted, rejected or decommissioned`,
  'device-new-key': t`a known device asks with a new key`,
  'device-silent': t`a device falls silent, or is heard again`,
  'deployment-created': t`a deployment is made`,
  'deployment-device-status': t`a device takes a step of a deployment`,
  'deployment-finished': t`a deployment is finished`,
}

interface Look {
  word: string
  icon: LucideIcon
  token: Token
}

/** How a webhook is doing. */
export function lookOf({ lastError, deliveredAt, waitingCount }: Webhook): Look {
  if (lastError !== '') return { word: t`FAILING`, icon: TriangleAlert, token: 'attention' }
  if (waitingCount > 0) return { word: t`TELLING`, icon: RotateCw, token: 'progress' }
  return deliveredAt === null
    ? { word: t`NOTHING YET`, icon: CircleDashed, token: 'neutral' }
    : { word: t`WORKS`, icon: CircleCheck, token: 'ok' }
}
