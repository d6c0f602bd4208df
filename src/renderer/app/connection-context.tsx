import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import type { Connection, Link } from './connection.ts'

const Context = createContext<Connection | null>(null)

export function ConnectionProvider({ connection, children }: { connection: Connection; children: ReactNode }) {
  return <Context value={connection}>{children}</Context>
}

export function useConnection(): Connection {
  const connection = useContext(Context)
  if (connection === null) throw new Error('No ConnectionProvider above')
  return connection
}

/** The link as it is now; renders again when an engine comes or goes. */
export function useLink(): Link {
  const connection = useConnection()
  return useSyncExternalStore(connection.subscribe, () => connection.link)
}
