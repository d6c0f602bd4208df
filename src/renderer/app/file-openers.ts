import { t } from '@lingui/core/macro'
import { fileKind } from '@contract/file-kinds.ts'
import type { OpenKind } from '@contract/opened.ts'
import { notifications } from '@mantine/notifications'
import { useEffect, useEffectEvent } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { Engine } from './connection.ts'
import { useAction } from './use-action.ts'

type Open = (paths: readonly string[]) => void

const openers = new Map<OpenKind, Open>()

/** Opens files of a kind while the component stands: those handed to the program, dropped on the window, or opened again. */
export function useOpens(kind: OpenKind, open: Open): void {
  const current = useEffectEvent(open)
  useEffect(() => {
    openers.set(kind, (paths) => current(paths))
    return () => void openers.delete(kind)
  }, [kind])
}

const REMEMBERED = 8

/** The files that were opened last, the newest first; they outlive the window. */
export const useRecentFiles = create<{ paths: readonly string[]; remember: (opened: readonly string[]) => void }>()(
  persist(
    (set) => ({
      paths: [],
      remember: (opened) => set(({ paths }) => ({ paths: [...new Set([...opened, ...paths])].slice(0, REMEMBERED) })),
    }),
    { name: 'recent-files', partialize: ({ paths }) => ({ paths }) },
  ),
)

/** A file of which a person has to say what it is. */
export interface UnclearFile {
  path: string
  kinds: readonly OpenKind[]
}

/** The files that a person is asked about, one after the other. */
export const useUnclearFiles = create<{
  files: readonly UnclearFile[]
  ask: (more: readonly UnclearFile[]) => void
  /** The first one has its answer. */
  next: () => void
}>()((set) => ({
  files: [],
  ask: (more) => set(({ files }) => ({ files: [...files, ...more] })),
  next: () => set(({ files }) => ({ files: files.slice(1) })),
}))

interface ToldFile extends UnclearFile {
  /** Why nothing opens it. */
  why: string
}

/** Opens each file where it belongs, asks where that is not clear, and says of which nothing does. */
export function useOpenFiles(): (paths: readonly string[]) => void {
  const open = useAction(
    (engine, paths: readonly string[]) => Promise.all(paths.map((path) => tell(engine, path))),
    (files) => openTold(files),
  )
  return open.run
}

/** What is in an artifact or an image is looked at where it is opened. */
async function tell(engine: Engine, path: string): Promise<ToldFile> {
  const kind = fileKind(path)
  if (kind === 'artifact' || kind === 'image') return { path, kinds: [kind], why: '' }
  return { path, ...(await engine.opened.tell({ path })) }
}

function openTold(files: readonly ToldFile[]): void {
  for (const [kind, of] of Map.groupBy(files, ({ kinds }) => (kinds.length === 1 ? kinds[0] : undefined))) {
    if (kind !== undefined)
      openAs(
        kind,
        of.map(({ path }) => path),
      )
  }
  useUnclearFiles.getState().ask(files.filter(({ kinds }) => kinds.length > 1))
  const unknown = files.filter(({ kinds }) => kinds.length === 0)
  if (unknown.length > 0) sayUnknown(unknown.map(({ why }) => why).join(' '))
}

/** Opens files as what a person, or their content, says that they are. */
export function openAs(kind: OpenKind, paths: readonly string[]): void {
  const open = openers.get(kind)
  if (open === undefined) return sayUnknown(t`Only the app opens it.`)
  useRecentFiles.getState().remember(paths)
  open(paths)
}

function sayUnknown(message: string): void {
  notifications.show({ title: t`Nothing opens this`, message, color: 'gray', withBorder: true, autoClose: 12_000 })
}
