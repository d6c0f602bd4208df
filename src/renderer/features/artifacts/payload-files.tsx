import type { Artifact } from '@contract/artifacts.ts'
import { ActionIcon } from '@mantine/core'
import { CornerLeftUp, File, FileSymlink, Folder, type LucideIcon } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { WaitBar } from '../../ui/byte-bar.tsx'
import { bytes } from '../../ui/format.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import styles from './payload-files.module.css'

interface Entry {
  path: string
  name: string
  kind: string
  mode: string
  sizeBytes: number
  linkTarget: string | null
}

const ICONS: Readonly<Record<string, LucideIcon>> = { folder: Folder, link: FileSymlink }

/** Whether the payload may be a file system that can be looked into. */
export function hasFileSystem({ payloadType, files }: Artifact): boolean {
  return payloadType === 'rootfs-image' || files.some(({ name }) => /\.(ext[234]|img|fat|vfat)$/i.test(name))
}

/** The files inside the payload: a folder at a time, and the text of one. */
export function PayloadFiles({ artifactId }: { artifactId: string }) {
  const [folder, setFolder] = useState('/')
  const [chosen, setChosen] = useState<Entry | null>(null)
  const { value, failure } = useCall(`artifacts.files ${artifactId} ${folder}`, (engine, signal) =>
    engine.artifacts.files({ id: artifactId, path: folder }, { signal }),
  )
  function open(entry: Entry | null): void {
    if (entry?.kind === 'folder') goTo(entry.path)
  }
  function goTo(path: string): void {
    setFolder(path)
    setChosen(null)
  }
  function act(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === 'ArrowRight') open(chosen)
    else if (event.key === 'Backspace' || event.key === 'ArrowLeft') goTo(parentOf(folder))
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.files}>
      <div className={styles.bar}>
        <ActionIcon aria-label="Up to the folder above" disabled={folder === '/'} onClick={() => goTo(parentOf(folder))}>
          <CornerLeftUp size={15} />
        </ActionIcon>
        <span className={styles.path}>{folder}</span>
        {value !== null && <span className="dim">{value.length} inside</span>}
      </div>
      {failure !== null && (
        <p className={styles.none} role="alert">
          {failure.message}. {failure.hint}
        </p>
      )}
      {value === null && failure === null && (
        <div className={styles.wait}>
          <WaitBar label="Opening the payload" />
        </div>
      )}
      {/* It stands while another folder is read, so that the focus stays in it. */}
      <div className={styles.list} onKeyDown={act} role="presentation">
        <VirtualList
          label={`Files in ${folder}`}
          items={value?.toSorted(byKind) ?? []}
          rowHeight={27}
          keyOf={({ path }) => path}
          selectedKey={chosen?.path ?? null}
          onSelect={(entry) => setChosen(entry)}
        >
          {(entry) => <Row entry={entry} onOpen={() => open(entry)} />}
        </VirtualList>
      </div>
      {chosen !== null && chosen.kind !== 'folder' && <Preview key={chosen.path} artifactId={artifactId} entry={chosen} />}
    </div>
  )
}

function Row({ entry, onOpen }: { entry: Entry; onOpen: () => void }) {
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

function Preview({ artifactId, entry }: { artifactId: string; entry: Entry }) {
  const { value, failure } = useCall(`artifacts.fileText ${artifactId} ${entry.path}`, (engine, signal) =>
    engine.artifacts.fileText({ id: artifactId, path: entry.path }, { signal }),
  )
  return (
    <section className={styles.preview} aria-label={`Content of ${entry.name}`}>
      {failure !== null && <p className={styles.none}>{failure.message}.</p>}
      {value?.text === null && <p className={styles.none}>No text: {bytes(entry.sizeBytes)} of another kind.</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      {typeof value?.text === 'string' && <pre tabIndex={0}>{value.text === '' ? '(empty)' : value.text}</pre>}
    </section>
  )
}

/** Folders first, then by name. */
function byKind(one: Entry, other: Entry): number {
  return Number(other.kind === 'folder') - Number(one.kind === 'folder') || (one.name < other.name ? -1 : 1)
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
