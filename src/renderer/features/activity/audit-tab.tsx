import { t } from '@lingui/core/macro'
import type { AuditEntry, AuditFilter } from '@contract/audit.ts'
import { type AuditFormat, allEntries, auditText } from '@contract/audit-text.ts'
import { Button, Checkbox, Menu, Select, TextInput } from '@mantine/core'
import { Download, ScrollText, Search } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { Engine } from '../../app/connection.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { useLookAtDevices } from '../../app/facts.tsx'
import { saveText } from '../../app/save-text.ts'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { Empty } from '../../ui/empty.tsx'
import { Cut, RowList } from '../../ui/row-list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './activity.module.css'
import { AuditInspector } from './audit-inspector.tsx'
import { Outcome } from './outcome.tsx'
import { aboutOf, actionWords } from './audit-words.ts'

const MOST = 500
const DAY_MS = 86_400_000
const SPANS = [
  { value: '0', label: t`All times` },
  { value: '1', label: t`Last 24 hours` },
  { value: '7', label: t`Last 7 days` },
  { value: '30', label: t`Last 30 days` },
]

/** Who ordered what, also what was refused. */
export function AuditTab() {
  const [text, setText] = useState('')
  const [isRefused, setRefused] = useState(false)
  const [span, setSpan] = useState<{ days: string; since: number | undefined }>({ days: '0', since: undefined })
  const [selected, setSelected] = useState<AuditEntry | null>(null)
  const filter: AuditFilter = { text: useDeferredValue(text), isRefused, since: span.since }
  const entries = useLive(`audit.list ${JSON.stringify(filter)}`, (engine, signal) =>
    engine.audit.list({ ...filter, limit: MOST }, { signal }),
  ).value
  const isFiltered = text !== '' || isRefused || span.since !== undefined
  return (
    <div className={styles.split}>
      <div className={styles.list}>
        <div className={styles.tools}>
          <TextInput
            type="search"
            aria-label={t`Search the audit log`}
            placeholder={t`Search`}
            leftSection={<Search size={13} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Select
            aria-label={t`Time`}
            w={140}
            data={SPANS}
            allowDeselect={false}
            value={span.days}
            onChange={(days) => setSpan({ days: days ?? '0', since: sinceOf(days ?? '0') })}
          />
          <Checkbox size="xs" label={t`Refused only`} checked={isRefused} onChange={(event) => setRefused(event.currentTarget.checked)} />
          <Export filter={filter} />
        </div>
        {entries !== null && entries.length === 0 && (
          <Empty
            icon={ScrollText}
            title={isFiltered ? t`Nothing fits` : t`Nothing was ordered yet`}
            text={
              isFiltered
                ? t`Search for another word, or in a longer time.`
                : t`Every change is noted here: who ordered it, from where, and what came of it.`
            }
          />
        )}
        {entries !== null && entries.length > 0 && <Entries entries={entries} selected={selected} onSelect={setSelected} />}
      </div>
      {selected !== null && <AuditInspector entry={selected} onClose={() => setSelected(null)} />}
    </div>
  )
}

function sinceOf(days: string): number | undefined {
  return days === '0' ? undefined : Date.now() - Number(days) * DAY_MS
}

interface EntriesProps {
  entries: readonly AuditEntry[]
  selected: AuditEntry | null
  onSelect: (entry: AuditEntry) => void
}

function Entries({ entries, selected, onSelect }: EntriesProps) {
  const look = useLookAtDevices()
  // Once a second is often enough to see a name that has changed.
  useNow()
  const names = new Map(look().map(({ id, name }) => [id, name]))
  return (
    <>
      <RowList
        label={t`Audit log`}
        columns={styles.audit}
        head={
          <>
            <span>{t`Time`}</span>
            <span>{t`Who`}</span>
            <span>{t`What`}</span>
            <span className={styles.about}>{t`About`}</span>
            <span>{t`Outcome`}</span>
          </>
        }
        items={entries}
        keyOf={({ id }) => String(id)}
        selectedKey={selected === null ? null : String(selected.id)}
        onSelect={onSelect}
      >
        {(entry) => (
          <>
            <Moment className="figures" at={entry.at} />
            <Cut>{whoOf(entry)}</Cut>
            <Cut>
              {actionWords(entry.action)} <span className={styles.aboutInline}>{aboutOf(entry, names)}</span>
            </Cut>
            <Cut className={styles.about}>{aboutOf(entry, names)}</Cut>
            <Outcome entry={entry} />
          </>
        )}
      </RowList>
      {entries.length === MOST && <p className={styles.foot}>{t`These are the newest ${MOST} that fit. Search, or export all of them.`}</p>}
    </>
  )
}

function whoOf({ actor, token, address }: AuditEntry): string {
  return [token === '' ? actor : `${actor} (${token})`, address].filter(Boolean).join(', ')
}

/** Everything that fits, not only what is shown. */
function Export({ filter }: { filter: AuditFilter }) {
  const { desktop } = useConnection()
  const save = useAction(async (engine, format: AuditFormat) => {
    const entries = await allEntries((before, limit) => page(engine, { ...filter, before, limit }))
    await saveText(desktop, `audit-${new Date().toISOString().slice(0, 10)}.${format}`, auditText(entries, format))
  })
  return (
    <Menu>
      <Menu.Target>
        <Button className={styles.right} variant="default" leftSection={<Download size={13} />} loading={save.isBusy}>
          {t`Export…`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save.run('csv')}>{t`As CSV, for a spreadsheet`}</Menu.Item>
        <Menu.Item onClick={() => save.run('json')}>{t`As JSON, for a program`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

async function page(engine: Engine, request: Parameters<Engine['audit']['list']>[0]): Promise<AuditEntry[]> {
  for await (const entries of await engine.audit.list(request)) return entries
  return []
}
