import { useEffect } from 'react'
import type { Desktop } from './connection.ts'
import { useConnection, useLink } from './connection-context.tsx'
import { useWindow } from './window-state.ts'

/** Goes where the menu of the window says. */
export function useMenuChoices(): void {
  const connection = useConnection()
  const link = useLink()
  useEffect(() => {
    // The shell's port is there before the engine's.
    if (connection.desktop === null || link.kind !== 'open') return
    const abort = new AbortController()
    void follow(connection.desktop, abort.signal)
    return () => abort.abort()
  }, [connection, link])
}

async function follow(desktop: Desktop, signal: AbortSignal): Promise<void> {
  try {
    for await (const place of await desktop.menuChoices(undefined, { signal })) useWindow.getState().go(place)
  } catch {
    // The window goes, and its menu with it.
  }
}
