import { t } from '@lingui/core/macro'
import type { Failure } from '@contract/errors.ts'
import type { InsideFile } from '@contract/inside-files.ts'
import { ActionIcon } from '@mantine/core'
import { CornerLeftUp, File, FileSymlink, Folder, type LucideIcon } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { WaitBar } from '../ui/byte-bar.tsx'
import { bytes } from '../ui/format.ts'
import { Refusal } from '../ui/refusal.tsx'
import { VirtualList } from '../ui/virtual-list.tsx'
import type { Engine } from './connection.ts'
import styles from './file-browser.module.css'
import { useCall } from './use-call.ts'

/** A file system inside something, as the engine shows it. */
export interface Inside {
  /** What is looked into: with another one the browser starts afresh. */
  key: string
  list: (engine: Engine, path: string, signal: AbortSignal) => Promise<InsideFile[]>
  text: (engine: Engine, path: string, signal: AbortSignal) => Promise<{ text: string | null }>
}

interface FileBrowserProps {
  inside: Inside
  /** What can be done with the chosen file, or with the folder when none is. */
  children?: (path: string, kind: string) => ReactNode
}

const ICONS: Readonly<Record<string, LucideIcon>> = { folder: Folder, link: FileSymlink }

const OPENING_KEYS = ['Enter', 'ArrowRight']
const LEAVING_KEYS = ['Backspace', 'ArrowLeft']

/** The files inside something: a folder at a time, and the text of one. */
export function FileBrowser({ inside, children: action }: FileBrowserProps) {
  const [folder, setFolder] = useState('/')
  const [chosen, setChosen] = useState<InsideFile | null>(null)
  const { value, failure } = useCall(`${inside.key} ${folder}`, (engine, signal) => inside.list(engine, folder, signal))
  function open(entry: InsideFile | null): void {
    if (entry?.kind === 'folder') goTo(entry.path)
  }
  function goTo(path: string): void {
    setFolder(path)
    setChosen(null)
  }
  function act(event: KeyboardEvent): void {
    if (OPENING_KEYS.includes(event.key)) open(chosen)
    else if (LEAVING_KEYS.includes(event.key)) goTo(parentOf(folder))
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.files}>
      <Bar folder={folder} count={value?.length ?? null} onUp={() => goTo(parentOf(folder))}>
        {value !== null && (chosen === null ? action?.(folder, 'folder') : action?.(chosen.path, chosen.kind))}
      </Bar>
      {value === null && <Opening failure={failure} />}
      {/* It stands while another folder is read, so that the focus stays in it. */}
      <div className={styles.list} onKeyDown={act} role="presentation">
        <VirtualList
          label={t`Files in ${folder}`}
          items={value?.toSorted(byKind) ?? null}
          rowHeight={27}
          keyOf={({ path }) => path}
          selectedKey={chosen?.path ?? null}
          onSelect={(entry) => setChosen(entry)}
        >
          {(entry) => <Row entry={entry} onOpen={() => open(entry)} />}
        </VirtualList>
      </div>
      {chosen !== null && chosen.kind !== 'folder' && <Preview key={chosen.path} inside={inside} entry={chosen} />}
    </div>
  )
}

function Opening({ failure }: { failure: Failure | null }) {
  if (failure === null)
    return (
      <div className={styles.wait}>
        <WaitBar label={t`Opening the file system`} />
      </div>
    )
  return <Refusal failure={failure} className={styles.none} />
}

interface BarProps {
  folder: string
  count: number | null
  onUp: () => void
  children: ReactNode
}

function Bar({ folder, count, onUp, children }: BarProps) {
  return (
    <div className={styles.bar}>
      <ActionIcon aria-label={t`Up to the folder above`} disabled={folder === '/'} onClick={onUp}>
        <CornerLeftUp size={15} />
      </ActionIcon>
      <span className={styles.path}>{folder}</span>
      {count !== null && <span className="dim">{t`${count} inside`}</span>}
      {children}
    </div>
  )
}

function Row({ entry, onOpen }: { entry: InsideFile; onOpen: () => void }) {
  const { kind, name, mode, sizeBytes, linkTarget } = entry
  const Icon = ICONS[kind] ?? File
  return (
    <div className={styles.row} onDoubleClick={onOpen} title={`${name}, ${kind}`}>
      <Icon size={14} strokeWidth={1.6} aria-hidden />
      <span className={styles.name}>
        {name}
        {kind === 'folder' && '/'}
        {linkTarget !== null && <span className="dim"> → {linkTarget}</span>}
      </span>
      <span className={styles.fact}>{kind === 'file' ? bytes(sizeBytes) : ''}</span>
      <span className={styles.fact}>{mode}</span>
    </div>
  )
}

function Preview({ inside, entry }: { inside: Inside; entry: InsideFile }) {
  const { value, failure } = useCall(`${inside.key} text ${entry.path}`, (engine, signal) => inside.text(engine, entry.path, signal))
  return (
    <section className={styles.preview} aria-label={t`Content of ${entry.name}`}>
      {failure !== null && <Refusal failure={failure} className={styles.none} />}
      {value?.text === null && <p className={styles.none}>{t`No text: ${bytes(entry.sizeBytes)} of another kind.`}</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      {typeof value?.text === 'string' && <pre tabIndex={0}>{value.text === '' ? t`(empty)` : value.text}</pre>}
    </section>
  )
}

/** Folders first, then by name. */
function byKind(one: InsideFile, other: InsideFile): number {
  return Number(other.kind === 'folder') - Number(one.kind === 'folder') || (one.name < other.name ? -1 : 1)
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
