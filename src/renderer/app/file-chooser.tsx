import { t } from '@lingui/core/macro'
import type { Failure } from '@contract/errors.ts'
import type { FolderEntry, FolderView } from '@contract/folders.ts'
import { ActionIcon, Button, Group, Modal, TextInput } from '@mantine/core'
import { CornerLeftUp, File as FileIcon, Folder, Upload } from 'lucide-react'
import { type FocusEvent, type FormEvent, type KeyboardEvent, type SyntheticEvent, useEffect, useState } from 'react'
import { WaitBar } from '../ui/byte-bar.tsx'
import { bytes } from '../ui/format.ts'
import { Moment } from '../ui/moment.tsx'
import { Refusal } from '../ui/refusal.tsx'
import { VirtualList } from '../ui/virtual-list.tsx'
import type { Outgoing } from './bring-files.ts'
import styles from './file-chooser.module.css'
import { type Asked, useChooser } from './machine.ts'
import { pickFiles } from './pick-files.ts'
import { useCall } from './use-call.ts'

/** Chooses files of the engine's machine in a browser, where the system's own dialog would show those of another one. */
export function FileChooser() {
  const { asked, answer } = useChooser()
  /** Where one was last. */
  const [folder, setFolder] = useState<string | null>(null)
  const leave = (): void => answer(null)
  return (
    <Modal
      opened={asked !== null}
      onClose={leave}
      title={asked?.title}
      size={760}
      zIndex={300}
      closeButtonProps={{ 'aria-label': t`Close` }}
      onMouseDown={keepInside}
      onTouchStart={keepInside}
      // Escape ends this dialog, and not the one that asked as well.
      onFocusCapture={keepEscape}
      onKeyDown={({ key }) => key === 'Escape' && leave()}
    >
      {asked !== null && <Content asked={asked} from={folder} onShown={setFolder} onAnswer={answer} onLeave={leave} />}
    </Modal>
  )
}

interface ContentProps {
  asked: Asked
  from: string | null
  onShown: (folder: string) => void
  onAnswer: (answer: string | Outgoing) => void
  onLeave: () => void
}

function Content({ asked, from, onShown, onAnswer, onLeave }: ContentProps) {
  const [folder, setFolder] = useState(from)
  const [typed, setTyped] = useState<string | null>(null)
  const [chosen, setChosen] = useState<FolderEntry | null>(null)
  const [name, setName] = useState(asked.suggestedName)
  const { value: view, failure } = useCall(`folder ${folder ?? ''}`, (engine, signal) => engine.folders.list({ path: folder }, { signal }))
  const path = view?.path ?? folder ?? ''
  useEffect(() => {
    if (view !== null) onShown(view.path)
  }, [view, onShown])
  function goTo(to: string): void {
    setFolder(to)
    setTyped(null)
    setChosen(null)
  }
  function choose(entry: FolderEntry): void {
    setChosen(entry)
    if (asked.kind === 'save' && entry.kind === 'file') setName(entry.name)
  }
  function open(entry: FolderEntry): void {
    if (entry.kind === 'folder') goTo(entry.path)
    else if (asked.kind !== 'folder') onAnswer(entry.path)
  }
  const answer = answerOf(asked, { view, chosen, name })
  return (
    <div className={styles.chooser}>
      <FolderLine isFirst={asked.kind !== 'save'} shown={typed ?? path} above={view?.parent ?? null} onType={setTyped} onGo={goTo} />
      {view === null && <Opening failure={failure} />}
      <Listing view={view} hasFiles={asked.kind !== 'folder'} chosen={chosen} onChoose={choose} onOpen={open} onGo={goTo} />
      {asked.kind === 'save' && (
        <TextInput
          mt="sm"
          data-autofocus
          label={t`Name`}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          // What is there is replaced by its button alone.
          onKeyDown={({ key }) => key === 'Enter' && answer?.isThere === false && onAnswer(answer.path)}
          spellCheck={false}
        />
      )}
      <Group justify="space-between" mt="md">
        {asked.kind === 'file' && view !== null ? <UploadButton onFiles={(files) => onAnswer({ files, folder: view.path })} /> : <span />}
        <Buttons asked={asked} answer={answer} onAnswer={onAnswer} onLeave={onLeave} />
      </Group>
    </div>
  )
}

function Opening({ failure }: { failure: Failure | null }) {
  return failure === null ? <WaitBar label={t`Opening the folder`} /> : <Refusal failure={failure} />
}

interface ListingProps {
  view: FolderView | null
  hasFiles: boolean
  chosen: FolderEntry | null
  onChoose: (entry: FolderEntry) => void
  onOpen: (entry: FolderEntry) => void
  onGo: (path: string) => void
}

/** It stands while another folder is read, so that the focus stays in it. */
function Listing({ view, hasFiles, chosen, onChoose, onOpen, onGo }: ListingProps) {
  function act(event: KeyboardEvent): void {
    const above = view?.parent ?? null
    if (event.key === 'Enter' && chosen !== null) onOpen(chosen)
    else if (event.key === 'Backspace' && above !== null) onGo(above)
    else return
    event.preventDefault()
  }
  return (
    <>
      <div className={styles.list} onKeyDown={act} role="presentation">
        <VirtualList
          label={view === null ? t`Files` : t`Files in ${view.path}`}
          items={view?.entries.filter(({ kind }) => kind === 'folder' || hasFiles) ?? null}
          rowHeight={30}
          keyOf={(entry) => entry.path}
          selectedKey={chosen?.path ?? null}
          onSelect={onChoose}
        >
          {(entry) => <Row entry={entry} onOpen={() => onOpen(entry)} />}
        </VirtualList>
      </div>
      {view !== null && view.more > 0 && <p className="dim">{t`${view.more} more are not shown: type the path.`}</p>}
    </>
  )
}

interface Answer {
  path: string
  /** It would be written in the place of another one. */
  isThere: boolean
}

interface ButtonsProps {
  asked: Asked
  answer: Answer | null
  onAnswer: (path: string) => void
  onLeave: () => void
}

function Buttons({ asked, answer, onAnswer, onLeave }: ButtonsProps) {
  const verb = asked.kind === 'save' ? t`Save` : t`Choose`
  return (
    <Group gap="xs">
      <Button variant="default" onClick={onLeave}>
        {t`Cancel`}
      </Button>
      <Button disabled={answer === null} onClick={() => answer !== null && onAnswer(answer.path)}>
        {answer?.isThere ? t`Replace` : verb}
      </Button>
    </Group>
  )
}

/** Brings files from the computer that the page is on, which may be another one. */
function UploadButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  async function pick(): Promise<void> {
    const files = await pickFiles('')
    if (files.length > 0) onFiles(files)
  }
  return (
    <Button
      variant="default"
      leftSection={<Upload size={13} />}
      title={t`From your own computer into this folder`}
      onClick={() => void pick()}
    >
      {t`Upload…`}
    </Button>
  )
}

/** A popover that asked stands below, and would take a click here for one that leaves it. */
function keepInside(event: SyntheticEvent): void {
  event.stopPropagation()
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
function answerOf({ kind }: Asked, { view, chosen, name }: Choice): Answer | null {
  if (view === null) return null
  if (kind === 'folder') return { path: chosen?.path ?? view.path, isThere: false }
  if (kind !== 'save') return chosen?.kind === 'file' ? { path: chosen.path, isThere: false } : null
  const plain = name.trim()
  if (plain === '' || /[/\\]/.test(plain)) return null
  const beside = view.path.endsWith('/') ? view.path : `${view.path}/`
  return { path: `${beside}${plain}`, isThere: view.entries.some((entry) => entry.name === plain) }
}

interface FolderLineProps {
  /** It has the focus when the dialog opens. */
  isFirst: boolean
  shown: string
  above: string | null
  onType: (path: string) => void
  onGo: (path: string) => void
}

/** Where one is: Enter goes to what is typed. What has the focus keeps it while another folder is read. */
function FolderLine({ isFirst, shown, above, onType, onGo }: FolderLineProps) {
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (shown !== '') onGo(shown)
  }
  return (
    <form className={styles.line} onSubmit={submit}>
      <ActionIcon
        aria-label={t`Up to the folder above`}
        data-disabled={above === null || undefined}
        aria-disabled={above === null}
        onClick={() => above !== null && onGo(above)}
      >
        <CornerLeftUp size={15} />
      </ActionIcon>
      <TextInput
        className={styles.path}
        data-autofocus={isFirst || undefined}
        aria-label={t`Folder on the machine of the bench`}
        value={shown}
        onChange={(event) => onType(event.currentTarget.value)}
        spellCheck={false}
      />
    </form>
  )
}

function Row({ entry, onOpen }: { entry: FolderEntry; onOpen: () => void }) {
  const Icon = entry.kind === 'folder' ? Folder : FileIcon
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
