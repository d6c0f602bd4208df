import { t } from '@lingui/core/macro'
import { ActionIcon, Button, Group, Textarea, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './preauthorize.module.css'

interface Attribute {
  key: number
  name: string
  value: string
}

const FIRST: readonly Attribute[] = [{ key: 0, name: 'mac', value: '' }]

/** One device: its identity and its public key. */
export function PreauthorizeOne({ onDone }: { onDone: () => void }) {
  const [identity, setIdentity] = useState(FIRST)
  const [publicKeyPem, setKey] = useState('')
  const problem = problemOf(identity, publicKeyPem)
  const preauthorize = useAction(
    (engine) =>
      engine.devices.preauthorize({
        identity: Object.fromEntries(identity.map(({ name, value }) => [name.trim(), value.trim()])),
        publicKeyPem,
      }),
    onDone,
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    preauthorize.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <p className="dim">{t`Its first request with this identity and key is accepted at once.`}</p>
      <IdentityFields identity={identity} onChange={setIdentity} />
      <Textarea
        label={t`Public key`}
        placeholder={t`-----BEGIN PUBLIC KEY-----`}
        classNames={{ input: styles.key ?? '' }}
        rows={6}
        value={publicKeyPem}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <May group="devices">
          <Button type="submit" disabled={problem !== ''} title={problem} loading={preauthorize.isBusy}>
            {t`Preauthorize`}
          </Button>
        </May>
      </Group>
    </form>
  )
}

interface IdentityFieldsProps {
  identity: readonly Attribute[]
  onChange: (identity: readonly Attribute[]) => void
}

function IdentityFields({ identity, onChange }: IdentityFieldsProps) {
  const change = (key: number, more: Partial<Attribute>): void =>
    onChange(identity.map((each) => (each.key === key ? { ...each, ...more } : each)))
  return (
    <>
      {identity.map(({ key, name, value }, index) => (
        <div key={key} className={styles.row}>
          <TextInput
            label={index === 0 ? t`Identity` : undefined}
            aria-label={t`Attribute`}
            w={160}
            value={name}
            onChange={(event) => change(key, { name: event.currentTarget.value })}
          />
          <TextInput
            data-autofocus={index === 0 || undefined}
            aria-label={t`Value of ${name}`}
            placeholder={name === 'mac' ? '52:54:00:12:34:56' : ''}
            className={styles.wide}
            value={value}
            onChange={(event) => change(key, { value: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={t`Leave ${name} out`}
            disabled={identity.length === 1}
            onClick={() => onChange(identity.filter((each) => each.key !== key))}
          >
            <X size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button
        className={styles.start}
        size="compact-xs"
        variant="default"
        leftSection={<Plus size={13} />}
        onClick={() => onChange([...identity, { key: (identity.at(-1)?.key ?? 0) + 1, name: '', value: '' }])}
      >
        {t`Attribute`}
      </Button>
    </>
  )
}

/** Why it cannot be sent yet; empty when it can. */
function problemOf(identity: readonly Attribute[], publicKeyPem: string): string {
  const names = identity.map(({ name }) => name.trim())
  if (identity.some(({ name, value }) => name.trim() === '' || value.trim() === '')) return t`An attribute has no name or no value`
  if (new Set(names).size < names.length) return t`Two attributes have the same name`
  return publicKeyPem.trim() === '' ? t`The public key is missing` : ''
}
