import { type FileKind, fileKind } from '@contract/file-kinds.ts'
import { notifications } from '@mantine/notifications'
import { useEffect, useEffectEvent } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

type Open = (paths: readonly string[]) => void

const openers = new Map<FileKind, Open>()

/** Opens files of a kind while the component stands: those handed to the program, dropped on the window, or opened again. */
export function useOpens(kind: FileKind, open: Open): void {
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

/** Opens each file where its kind belongs, and says of which it knows no kind. */
export function openFiles(paths: readonly string[]): void {
  const kinds = Map.groupBy(paths, fileKind)
  for (const [kind, of] of kinds) {
    const open = kind === null ? undefined : openers.get(kind)
    if (open === undefined) sayUnknown(of)
    else {
      useRecentFiles.getState().remember(of)
      open(of)
    }
  }
}

function sayUnknown(paths: readonly string[]): void {
  const message = `${paths.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ')}: the bench opens artifacts (.mender), card images and recipes (.yaml).`
  notifications.show({ title: 'Nothing opens this', message, color: 'gray', withBorder: true, autoClose: 8000 })
}
