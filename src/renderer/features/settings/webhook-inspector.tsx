import { plural, t } from '@lingui/core/macro'
import type { Webhook, WebhookDelivery } from '@contract/webhooks.ts'
import { Button } from '@mantine/core'
import { Check, Clock3, RotateCw, Send, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { May } from '../../app/may.tsx'
import { Facts, Label } from '../../ui/chip.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { clock } from '../../ui/format.ts'
import { Inspector, InspectorBody, InspectorFoot } from '../../ui/inspector.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { Moment } from '../../ui/moment.tsx'
import styles from './settings.module.css'
import { KINDS, lookOf } from './webhook-words.ts'

/** One webhook: what it was told lately, and what came of it. */
export function WebhookInspector({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { id, url, kinds, createdAt, droppedCount, waitingCount, lastError } = webhook
  const [isAsking, setAsking] = useState(false)
  const test = useAction((engine) => engine.webhooks.test({ id }))
  const remove = useAction((engine) => engine.webhooks.remove({ id }), onClose)
  return (
    <Inspector title={url.replace(/^https?:\/\//, '')} subtitle={<StateWord {...lookOf(webhook)} />} onClose={onClose}>
      <InspectorBody>
        {lastError !== '' && <Trouble>{lastError}</Trouble>}
        <Label>{t`Told of`}</Label>
        {kinds.length === 0 ? (
          <p className={styles.lead}>{t`Everything that happens to devices and deployments.`}</p>
        ) : (
          <ul className={styles.plain}>
            {kinds.map((kind) => (
              <li key={kind}>{KINDS[kind]}</li>
            ))}
          </ul>
        )}
        <Facts
          rows={[
            [t`made`, <Moment key="since" at={createdAt} />],
            [t`waiting`, plural(waitingCount, { one: '# message', other: '# messages' })],
            [t`given up`, plural(droppedCount, { one: '# message', other: '# messages' })],
          ]}
        />
        <Label>{t`Last deliveries`}</Label>
        <Deliveries id={id} />
      </InspectorBody>
      <InspectorFoot>
        <May group="webhooks">
          <Button variant="default" leftSection={<Send size={13} />} loading={test.isBusy} onClick={() => test.run()}>
            {t`Send a test`}
          </Button>
        </May>
        <May group="webhooks">
          <Button variant="default" leftSection={<Trash2 size={13} />} onClick={() => setAsking(true)}>
            {t`Remove…`}
          </Button>
        </May>
      </InspectorFoot>
      <Confirm
        title={t`Remove ${url}?`}
        action={t`Remove`}
        isOpen={isAsking}
        onConfirm={() => remove.run()}
        onClose={() => setAsking(false)}
      >
        {t`It is told nothing more; ${plural(waitingCount, { one: '# message', other: '# messages' })} that wait for it are forgotten.`}
      </Confirm>
    </Inspector>
  )
}

function Deliveries({ id }: { id: string }) {
  const deliveries = useLive(`webhooks.deliveries ${id}`, (engine, signal) => engine.webhooks.deliveries({ id }, { signal })).value
  const retry = useAction((engine, deliveryId: number) => engine.webhooks.retry({ id, deliveryId }))
  if (deliveries === null) return null
  if (deliveries.length === 0) return <p className="dim">{t`It was told nothing yet. Send a test.`}</p>
  return (
    <ul className={styles.deliveries} aria-label={t`Last deliveries`}>
      {deliveries.map((delivery) => (
        <Delivery key={delivery.id} delivery={delivery} isBusy={retry.isBusy} onRetry={() => retry.run(delivery.id)} />
      ))}
    </ul>
  )
}

interface DeliveryProps {
  delivery: WebhookDelivery
  isBusy: boolean
  onRetry: () => void
}

function Delivery({ delivery, isBusy, onRetry }: DeliveryProps) {
  const { at, kind, about, error, status, tookMs, isWaiting } = delivery
  const look =
    error === ''
      ? ({ word: t`TAKEN`, icon: Check, token: 'ok' } as const)
      : isWaiting
        ? ({ word: t`WAITS`, icon: Clock3, token: 'attention' } as const)
        : ({ word: t`FAILED`, icon: X, token: 'danger' } as const)
  return (
    <li>
      <div className={styles.deliveryHead}>
        <StateWord {...look} />
        <span className={styles.grow}>{kind}</span>
        <span className="figures dim">{clock(at)}</span>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<RotateCw size={11} />}
          aria-label={`${isWaiting ? t`Retry now` : t`Send again`}: ${kind}, ${clock(at)}`}
          disabled={isBusy}
          onClick={onRetry}
        >
          {isWaiting ? t`Retry now` : t`Send again`}
        </Button>
      </div>
      <div className="dim">
        {kind !== 'test' && `${about}: `}
        {error === '' ? t`HTTP ${status ?? ''} in ${tookMs} ms` : error}
      </div>
    </li>
  )
}
