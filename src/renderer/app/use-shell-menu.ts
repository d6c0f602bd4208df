import type { MenuSection } from '@contract/desktop.ts'
import { useEffect } from 'react'
import { ACTION_IDS, actionOf, parseActionId, type Section } from './actions.ts'
import type { Desktop } from './connection.ts'
import { useConnection, useLink } from './connection-context.tsx'
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
  // The shell's port is there before the engine's.
  const isThere = desktop !== null && link.kind === 'open'
  useEffect(() => {
    // Only a desktop shows it; the page goes on without.
    if (isThere) desktop.showMenu(menuOf(bindings)).catch(() => undefined)
  }, [desktop, isThere, bindings])
  useEffect(() => {
    if (!isThere) return
    const abort = new AbortController()
    void follow(desktop, { signal: abort.signal, onLink: navigate })
    return () => abort.abort()
  }, [desktop, isThere, navigate])
}

function menuOf(bindings: Parameters<typeof keysOf>[1]): MenuSection[] {
  return SECTIONS.map((section) => ({
    section,
    items: ACTION_IDS.map((id) => ({ id, ...actionOf(id) }))
      .filter((action) => action.section === section && action.isInMenu)
      .map(({ id, title }) => ({ choice: id, label: title, accelerator: keysOf(id, bindings).map(accelerator)[0] ?? null })),
  }))
}

interface Followed {
  signal: AbortSignal
  onLink: (link: string) => void
}

async function follow(desktop: Desktop, { signal, onLink }: Followed): Promise<void> {
  try {
    for await (const request of await desktop.requests(undefined, { signal })) {
      if (request.kind === 'choice') chosen(request.choice)
      else if (request.kind === 'link') onLink(request.link)
    }
  } catch {
    // The window goes, and the shell's port with it.
  }
}

function chosen(choice: string): void {
  const id = parseActionId(choice)
  if (id !== null) perform(id, document.activeElement)
}
