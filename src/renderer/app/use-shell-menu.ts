import type { MenuSection } from '@contract/desktop.ts'
import { useEffect } from 'react'
import { ACTION_IDS, actionOf, parseActionId, type Section } from './actions.ts'
import type { Desktop } from './connection.ts'
import { useConnection, useLink } from './connection-context.tsx'
import { keysOf, useBindings } from './key-bindings.ts'
import { accelerator } from './keys.ts'
import { perform } from './offers.ts'

const SECTIONS: readonly Section[] = ['File', 'View', 'Go', 'Device', 'Artifact', 'Server', 'Help']

/** Gives the shell the menu, and carries out what is chosen in it. */
export function useShellMenu(): void {
  const { desktop } = useConnection()
  const link = useLink()
  const bindings = useBindings()
  // The shell's port is there before the engine's.
  const isThere = desktop !== null && link.kind === 'open'
  useEffect(() => {
    // Only a desktop shows it; the page goes on without.
    if (isThere) desktop.showMenu(menuOf(bindings)).catch(() => undefined)
  }, [desktop, isThere, bindings])
  useEffect(() => {
    if (!isThere) return
    const abort = new AbortController()
    void follow(desktop, abort.signal)
    return () => abort.abort()
  }, [desktop, isThere])
}

function menuOf(bindings: Parameters<typeof keysOf>[1]): MenuSection[] {
  return SECTIONS.map((section) => ({
    section,
    items: ACTION_IDS.map((id) => ({ id, ...actionOf(id) }))
      .filter((action) => action.section === section && action.isInMenu)
      .map(({ id, title }) => ({ choice: id, label: title, accelerator: keysOf(id, bindings).map(accelerator)[0] ?? null })),
  }))
}

async function follow(desktop: Desktop, signal: AbortSignal): Promise<void> {
  try {
    for await (const choice of await desktop.menuChoices(undefined, { signal })) {
      const id = parseActionId(choice)
      if (id !== null) perform(id, document.activeElement)
    }
  } catch {
    // The window goes, and its menu with it.
  }
}
