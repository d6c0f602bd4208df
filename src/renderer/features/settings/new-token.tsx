import { t } from '@lingui/core/macro'
import { Button, Group, Modal, Radio, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useServer } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import styles from './settings.module.css'
import { AREAS, type Access, FIRST_DRAFT, type TokenDraft, jobLines, problemOf, scopesOf } from './token-draft.ts'

const DAY_MS = 86_400_000
const TITLES = { artifacts: t`Artifacts`, deployments: t`Deployments`, devices: t`Devices` } as const
const ACCESS: { value: Access; label: string }[] = [
  { value: 'none', label: t`nothing` },
  { value: 'read', label: t`see` },
  { value: 'write', label: t`change` },
]
const SPANS = [
  { value: '1', label: t`1 day` },
  { value: '7', label: t`7 days` },
  { value: '30', label: t`30 days` },
  { value: '90', label: t`90 days` },
  { value: '365', label: t`1 year` },
]

/** Makes a token, and shows it this once. */
export function NewToken({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [made, setMade] = useState<{ draft: TokenDraft; token: string } | null>(null)
  function close(): void {
    onClose()
    setMade(null)
  }
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      size="lg"
      title={made === null ? t`New token` : t`The token ${made.draft.name.trim()}`}
      closeOnClickOutside={made === null}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {made === null ? <TokenForm onMade={(draft, token) => setMade({ draft, token })} /> : <Made {...made} onClose={close} />}
    </Modal>
  )
}

function TokenForm({ onMade }: { onMade: (draft: TokenDraft, token: string) => void }) {
  const [draft, setDraft] = useState(FIRST_DRAFT)
  const change = (more: Partial<TokenDraft>): void => setDraft((last) => ({ ...last, ...more }))
  const make = useAction(
    (engine) => engine.tokens.create({ name: draft.name.trim(), scopes: scopesOf(draft), expiresInMs: Number(draft.days) * DAY_MS }),
    ({ token }) => onMade(draft, token),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    make.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        data-autofocus
        label={t`Name`}
        description={t`Which program has it, so that you know later what you revoke`}
        placeholder={t`nightly build`}
        maxLength={255}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Radio.Group
        label={t`It may`}
        value={draft.kind}
        onChange={(kind) => (kind === 'all' || kind === 'read' || kind === 'some') && change({ kind })}
      >
        <Stack gap={8} mt={4}>
          <Radio size="xs" value="some" label={t`Only this`} />
          {draft.kind === 'some' && <Areas draft={draft} onChange={change} />}
          <Radio size="xs" value="read" label={t`See everything, and change nothing`} />
          <Radio size="xs" value="all" label={t`Do whatever you may, and make more tokens`} />
        </Stack>
      </Radio.Group>
      <Select
        label={t`It ends after`}
        data={SPANS}
        allowDeselect={false}
        value={draft.days}
        onChange={(days) => change({ days: days ?? '90' })}
        w={160}
      />
      <Group justify="flex-end">
        <Button type="submit" disabled={problemOf(draft) !== ''} title={problemOf(draft)} loading={make.isBusy}>
          {t`Make token`}
        </Button>
      </Group>
    </form>
  )
}

function Areas({ draft, onChange }: { draft: TokenDraft; onChange: (more: Partial<TokenDraft>) => void }) {
  return (
    <div className={styles.areas}>
      {AREAS.map((area) => (
        <div key={area} className={styles.area}>
          <span>{TITLES[area]}</span>
          <SegmentedControl
            size="xs"
            aria-label={TITLES[area]}
            data={ACCESS}
            value={draft.access[area]}
            onChange={(access) => onChange({ access: { ...draft.access, [area]: access } })}
          />
        </div>
      ))}
    </div>
  )
}

function Made({ draft, token, onClose }: { draft: TokenDraft; token: string; onClose: () => void }) {
  const server = useServer().value
  const url = server?.urls[0] ?? 'http://127.0.0.1:8080'
  return (
    <div className={styles.form}>
      <div>
        <p className={styles.lead}>
          <strong>{t`Copy it now: it is not shown again.`}</strong> {t`Keep it as a secret of the build server, named OTABENCH_TOKEN.`}
        </p>
        <CopyLine text={token} label={t`the token`} />
      </div>
      <div>
        <p className={styles.lead}>{t`Lines for the job, which finds the token in its environment:`}</p>
        {jobLines(scopesOf(draft), url).map((line) => (
          <CopyLine key={line} text={line} label={line} />
        ))}
        {url.startsWith('https:') && server?.caPem !== null && (
          <p className="dim">{t`ca.pem is the bench's authority: Settings, Certificate, Save the CA.`}</p>
        )}
      </div>
      <Group justify="flex-end">
        <Button onClick={onClose}>{t`Done`}</Button>
      </Group>
    </div>
  )
}
