import { t } from '@lingui/core/macro'
import type { Webhook } from '@contract/webhooks.ts'
import { Button } from '@mantine/core'
import { Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { May } from '../../app/may.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { NewWebhook } from './new-webhook.tsx'
import { Table } from '../../ui/table.tsx'
import styles from './settings.module.css'
import { WebhookInspector } from './webhook-inspector.tsx'
import { lookOf } from './webhook-words.ts'

/** Programs that are told by HTTP what happens here. */
export function WebhooksTab() {
  const webhooks = useLive('webhooks.list', (engine, signal) => engine.webhooks.list(undefined, { signal })).value
  const [isAdding, setAdding] = useState(false)
  const [openId, setOpenId] = useState<string | null>(null)
  const add = (
    <May group="webhooks">
      <Button leftSection={<WebhookIcon size={13} />} onClick={() => setAdding(true)}>
        {t`Add webhook…`}
      </Button>
    </May>
  )
  const open = webhooks?.find(({ id }) => id === openId)
  if (webhooks === null) return null
  return (
    <div className={styles.split}>
      <div className={styles.scroll}>
        {webhooks.length === 0 ? (
          <Empty
            icon={WebhookIcon}
            title={t`No webhooks`}
            text={t`A program of yours is told by HTTP POST what happens to devices and deployments: a chat, a ticket, a test rig.`}
          >
            {add}
          </Empty>
        ) : (
          <>
            <div className={styles.tools}>
              <p>{t`Told by HTTP POST, in order, again until it is taken, and signed.`}</p>
              {add}
            </div>
            <WebhookTable webhooks={webhooks} openId={openId} onOpen={setOpenId} />
          </>
        )}
      </div>
      {open !== undefined && <WebhookInspector key={open.id} webhook={open} onClose={() => setOpenId(null)} />}
      <NewWebhook isOpen={isAdding} onClose={() => setAdding(false)} onAdded={setOpenId} />
    </div>
  )
}

interface TableProps {
  webhooks: readonly Webhook[]
  openId: string | null
  onOpen: (id: string) => void
}

function WebhookTable({ webhooks, openId, onOpen }: TableProps) {
  return (
    <Table label={t`Webhooks`} titles={[t`Address`, t`Told of`, t`Told last`, t`Waiting`, t`State`]}>
      {webhooks.map((webhook) => (
        <tr key={webhook.id} data-chosen={webhook.id === openId}>
          <td className={styles.url}>
            <button type="button" className={styles.link} aria-expanded={webhook.id === openId} onClick={() => onOpen(webhook.id)}>
              {webhook.url}
            </button>
          </td>
          <td>{webhook.kinds.length === 0 ? t`everything` : t`${webhook.kinds.length} of 6 events`}</td>
          <td>
            <Moment at={webhook.deliveredAt} />
          </td>
          <td className="figures">{webhook.waitingCount}</td>
          <td>
            <StateWord {...lookOf(webhook)} />
          </td>
        </tr>
      ))}
    </Table>
  )
}
