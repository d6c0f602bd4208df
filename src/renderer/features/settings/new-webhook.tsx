import { t } from '@lingui/core/macro'
import { type WebhookKind, webhookKind } from '@contract/webhooks.ts'
import { Button, Checkbox, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import styles from './settings.module.css'
import { KINDS } from './webhook-words.ts'

interface NewWebhookProps {
  isOpen: boolean
  onClose: () => void
  onAdded: (id: string) => void
}

/** Adds a webhook, and shows the secret that signs its messages, this once. */
export function NewWebhook({ isOpen, onClose, onAdded }: NewWebhookProps) {
  const [secret, setSecret] = useState<string | null>(null)
  function close(): void {
    onClose()
    setSecret(null)
  }
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      size="lg"
      title={secret === null ? t`Add a webhook` : t`Its secret`}
      closeOnClickOutside={secret === null}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {secret === null ? (
        <WebhookForm
          onMade={(made) => {
            onAdded(made.id)
            setSecret(made.secret)
          }}
        />
      ) : (
        <Secret secret={secret} onClose={close} />
      )}
    </Modal>
  )
}

function WebhookForm({ onMade }: { onMade: (made: { id: string; secret: string }) => void }) {
  const [url, setUrl] = useState('')
  const [secret, setSecret] = useState('')
  const [isAll, setAll] = useState(true)
  const [kinds, setKinds] = useState<WebhookKind[]>([])
  const add = useAction(
    (engine) => engine.webhooks.add({ url: url.trim(), kinds: isAll ? [] : kinds, secret: secret === '' ? null : secret }),
    onMade,
  )
  const isUrl = /^https?:\/\/\S+$/i.test(url.trim()) && URL.canParse(url.trim())
  const isSecret = secret === '' || secret.length >= 8
  function submit(event: FormEvent): void {
    event.preventDefault()
    add.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        data-autofocus
        label={t`Address`}
        placeholder="http://192.168.7.20:9000/ota"
        value={url}
        error={url === '' || isUrl ? null : t`It begins with http:// or https://`}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Radio.Group label={t`Tell it of`} value={isAll ? 'all' : 'some'} onChange={(value) => setAll(value === 'all')}>
        <Stack gap={8} mt={4}>
          <Radio size="xs" value="all" label={t`Everything`} />
          <Radio size="xs" value="some" label={t`Only when`} />
        </Stack>
      </Radio.Group>
      {!isAll && (
        <Checkbox.Group aria-label={t`Events`} value={kinds} onChange={(values) => setKinds(webhookKind.array().parse(values))}>
          <Stack gap={8} className={styles.areas}>
            {webhookKind.options.map((kind) => (
              <Checkbox key={kind} size="xs" value={kind} label={KINDS[kind]} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <TextInput
        label={t`Secret`}
        description={t`Signs each message; left empty, one is made and shown`}
        value={secret}
        error={isSecret ? null : t`At least 8 characters`}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button type="submit" disabled={!isUrl || !isSecret || (!isAll && kinds.length === 0)} loading={add.isBusy}>
          {t`Add webhook`}
        </Button>
      </Group>
    </form>
  )
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <div className={styles.form}>
      <div>
        <p className={styles.lead}>
          <strong>{t`Copy it now: it is not shown again.`}</strong> {t`The header X-Men-Signature of a message is this, over its body:`}
        </p>
        <CopyLine text={secret} label={t`the secret`} />
      </div>
      <CopyLine text={`openssl dgst -sha256 -hmac "$SECRET" < body.json`} label={t`the line that checks a message`} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t`Done`}</Button>
      </Group>
    </div>
  )
}
