import { t } from '@lingui/core/macro'
import type { MenuSection } from '@contract/desktop.ts'
import { useEffect, useEffectEvent } from 'react'
import { ACTION_IDS, actionOf, parseActionId, SECTION_TITLES, type Section } from './actions.ts'
import type { Desktop } from './connection.ts'
import { useConnection, useLink } from './connection-context.tsx'
import { useOpenFiles, useRecentFiles } from './file-openers.ts'
import { keysOf, useBindings } from './key-bindings.ts'
import { accelerator } from './keys.ts'
import { perform } from './offers.ts'
import { useNavigate } from './navigate.ts'

const SECTIONS: readonly Section[] = ['File', 'View', 'Go', 'Device', 'Artifact', 'Job', 'Server', 'Help']

/** Gives the shell the menu, and carries out what is chosen in it, or asked for from outside. */
export function useShellMenu(): void {
  const { desktop } = useConnection()
  const link = useLink()
  const bindings = useBindings()
  const navigate = useNavigate()
  const recents = useRecentFiles((state) => state.paths)
  const openFiles = useEffectEvent(useOpenFiles())
  // The shell's port is there before the engine's.
  const isThere = desktop !== null && link.kind === 'open'
  useEffect(() => {
    // Only a desktop shows it; the page goes on without.
    if (isThere) desktop.showMenu(menuOf(bindings, recents)).catch(() => undefined)
  }, [desktop, isThere, bindings, recents])
  useEffect(() => {
    if (!isThere) return
    const abort = new AbortController()
    void follow(desktop, { signal: abort.signal, onLink: navigate, onFiles: (paths) => openFiles(paths) })
    return () => abort.abort()
  }, [desktop, isThere, navigate])
}

/** Before the path of a file to be opened again. */
const OPEN = 'open '

function menuOf(bindings: Parameters<typeof keysOf>[1], recents: readonly string[]): MenuSection[] {
  return SECTIONS.map((section) => ({
    section,
    title: SECTION_TITLES[section],
    submenu:
      section === 'File' ? { label: t`Open recent`, items: recents.map((path) => ({ choice: `${OPEN}${path}`, label: path })) } : null,
    items: ACTION_IDS.map((id) => ({ id, ...actionOf(id) }))
      .filter((action) => action.section === section && action.isInMenu)
      .map(({ id, title }) => ({ choice: id, label: title, accelerator: keysOf(id, bindings).map(accelerator)[0] ?? null })),
  }))
}

interface Followed {
  signal: AbortSignal
  onLink: (link: string) => void
  onFiles: (paths: readonly string[]) => void
}

async function follow(desktop: Desktop, { signal, onLink, onFiles }: Followed): Promise<void> {
  try {
    for await (const request of await desktop.requests(undefined, { signal })) {
      if (request.kind === 'choice') chosen(request.choice, onFiles)
      else if (request.kind === 'link') onLink(request.link)
      else onFiles(request.paths)
    }
  } catch {
    // The window goes, and the shell's port with it.
  }
}

function chosen(choice: string, onFiles: Followed['onFiles']): void {
  if (choice.startsWith(OPEN)) onFiles([choice.slice(OPEN.length)])
  const id = parseActionId(choice)
  if (id !== null) perform(id, document.activeElement)
}
