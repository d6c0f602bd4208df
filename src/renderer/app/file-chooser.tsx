import { t } from '@lingui/core/macro'
import type { FolderEntry, FolderView } from '@contract/folders.ts'
import { ActionIcon, Button, Group, Modal, TextInput } from '@mantine/core'
import { CornerLeftUp, File, Folder } from 'lucide-react'
import { type FocusEvent, type FormEvent, type KeyboardEvent, useState } from 'react'
import { WaitBar } from '../ui/byte-bar.tsx'
import { bytes } from '../ui/format.ts'
import { Moment } from '../ui/moment.tsx'
import { Refusal } from '../ui/refusal.tsx'
import { VirtualList } from '../ui/virtual-list.tsx'
import styles from './file-chooser.module.css'
import { type Asked, useChooser } from './machine.ts'
import { useCall } from './use-call.ts'

/** Chooses files of the engine's machine in a browser, where the system's own dialog would show those of another one. */
export function FileChooser() {
  const { asked, folder, answer } = useChooser()
  return (
    <Modal
      opened={asked !== null}
      onClose={() => answer([])}
      title={asked?.title}
      size={760}
      zIndex={300}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {asked !== null && <Content asked={asked} from={folder} onAnswer={answer} />}
    </Modal>
  )
}

interface ContentProps {
  asked: Asked
  from: string | null
  onAnswer: (paths: readonly string[], folder?: string) => void
}

function Content({ asked, from, onAnswer }: ContentProps) {
  const [folder, setFolder] = useState(from)
  const [chosen, setChosen] = useState<FolderEntry | null>(null)
  const [name, setName] = useState(asked.suggestedName)
  const { value: view, failure } = useCall(`folder ${folder ?? ''}`, (engine, signal) => engine.folders.list({ path: folder }, { signal }))
  function goTo(path: string): void {
    setFolder(path)
    setChosen(null)
  }
  function choose(entry: FolderEntry): void {
    setChosen(entry)
    if (asked.kind === 'save' && entry.kind === 'file') setName(entry.name)
  }
  function open(entry: FolderEntry): void {
    if (entry.kind === 'folder') goTo(entry.path)
    else if (asked.kind !== 'folder') onAnswer([entry.path], view?.path)
  }
  function act(event: KeyboardEvent): void {
    const above = view?.parent ?? null
    if (event.key === 'Enter' && chosen !== null) open(chosen)
    else if (event.key === 'Backspace' && above !== null) goTo(above)
    else return
    event.preventDefault()
  }
  const answer = answerOf(asked, { view, chosen, name })
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape ends this dialog, and not the one that asked as well
    <div className={styles.chooser} onFocusCapture={keepEscape} onKeyDown={({ key }) => key === 'Escape' && onAnswer([], view?.path)}>
      <FolderLine key={view?.path ?? folder ?? ''} path={view?.path ?? folder ?? ''} above={view?.parent ?? null} onGo={goTo} />
      {view === null && failure === null && <WaitBar label={t`Opening the folder`} />}
      {failure !== null && <Refusal failure={failure} />}
      {/* It stands while another folder is read, so that the focus stays in it. */}
      <div className={styles.list} onKeyDown={act} role="presentation">
        <VirtualList
          label={t`Files in ${view?.path ?? ''}`}
          items={view?.entries.filter(({ kind }) => kind === 'folder' || asked.kind !== 'folder') ?? null}
          rowHeight={30}
          keyOf={({ path }) => path}
          selectedKey={chosen?.path ?? null}
          onSelect={choose}
        >
          {(entry) => <Row entry={entry} onOpen={() => open(entry)} />}
        </VirtualList>
      </div>
      {view !== null && view.more > 0 && <p className="dim">{t`${view.more} more are not shown: type the path.`}</p>}
      {asked.kind === 'save' && (
        <TextInput mt="sm" label={t`Name`} value={name} onChange={(event) => setName(event.currentTarget.value)} spellCheck={false} />
      )}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={() => onAnswer([], view?.path)}>
          {t`Cancel`}
        </Button>
        <Button disabled={answer === null} onClick={() => answer !== null && onAnswer([answer.path], view?.path)}>
          {answer?.isThere ? t`Replace` : asked.kind === 'save' ? t`Save` : t`Choose`}
        </Button>
      </Group>
    </div>
  )
}

/** Dialogs hear Escape wherever the focus is, unless what has it says that it is spoken for. */
function keepEscape({ target }: FocusEvent): void {
  target.setAttribute('data-mantine-stop-propagation', 'true')
}

interface Choice {
  view: FolderView | null
  chosen: FolderEntry | null
  name: string
}

/** What the button would answer; null while nothing can be. */
function answerOf({ kind }: Asked, { view, chosen, name }: Choice): { path: string; isThere: boolean } | null {
  if (view === null) return null
  if (kind === 'folder') return { path: chosen?.path ?? view.path, isThere: false }
  if (kind !== 'save') return chosen?.kind === 'file' ? { path: chosen.path, isThere: false } : null
  const plain = name.trim()
  if (plain === '' || /[/\\]/.test(plain)) return null
  const beside = view.path.endsWith('/') ? view.path : `${view.path}/`
  return { path: `${beside}${plain}`, isThere: view.entries.some((entry) => entry.name === plain) }
}

/** Where one is: Enter goes to what is typed. */
function FolderLine({ path, above, onGo }: { path: string; above: string | null; onGo: (path: string) => void }) {
  const [typed, setTyped] = useState(path)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (typed !== '') onGo(typed)
  }
  return (
    <form className={styles.line} onSubmit={submit}>
      <ActionIcon aria-label={t`Up to the folder above`} disabled={above === null} onClick={() => above !== null && onGo(above)}>
        <CornerLeftUp size={15} />
      </ActionIcon>
      <TextInput
        className={styles.path}
        aria-label={t`Folder on the machine of the bench`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        spellCheck={false}
      />
    </form>
  )
}

function Row({ entry, onOpen }: { entry: FolderEntry; onOpen: () => void }) {
  const Icon = entry.kind === 'folder' ? Folder : File
  return (
    <div className={styles.row} onDoubleClick={onOpen}>
      <Icon size={14} strokeWidth={1.6} aria-hidden />
      <span className={styles.name}>
        {entry.name}
        {entry.kind === 'folder' && '/'}
      </span>
      <span className={styles.fact}>{entry.kind === 'file' ? bytes(entry.sizeBytes) : ''}</span>
      <span className={styles.fact}>
        <Moment at={entry.modifiedAt} />
      </span>
    </div>
  )
}
