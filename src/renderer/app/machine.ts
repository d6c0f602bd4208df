import { t } from '@lingui/core/macro'
import { bringFiles, type Outgoing } from './bring-files.ts'
import type { Connection } from './connection.ts'
import { useConnection } from './connection-context.tsx'
import { useAccount } from './facts.tsx'
import { question } from './question.ts'

/** How a person chooses files of the engine's machine. */
export interface Machine {
  /** Files to read, or a folder; none when the person thought better of it. A browser's chooser answers one at a time, also where `isSeveral`. */
  pickFiles: (asked: { title: string; isSeveral: boolean; isFolder: boolean }) => Promise<{ paths: string[] }>
  pickArtifact: () => Promise<{ path: string | null }>
  pickSavePath: (asked: { suggestedName: string }) => Promise<{ path: string | null }>
  /** Asks where to and writes the text there. */
  saveText: (asked: { suggestedName: string; text: string }) => Promise<{ path: string | null }>
}

/** The files, drives and lines of the engine's machine; null where they are not for who sits here: in a browser, unless the machine is shared. */
export function useMachine(): Machine | null {
  const connection = useConnection()
  const isShared = useAccount().value?.hasMachine ?? false
  if (connection.desktop !== null) return connection.desktop
  return isShared ? inBrowser(connection) : null
}

/** What is asked for: a file to read, a folder, or where to write. */
export interface Asked {
  title: string
  kind: 'file' | 'folder' | 'save'
  suggestedName: string
}

const chooser = question<Asked, string | Outgoing>()

/** What the file chooser of a browser is at: what it answers is a path there, or files that are brought there. */
export const useChooser = chooser.useQuestion

function inBrowser(connection: Connection): Machine {
  async function pathOf(asked: Asked): Promise<string | null> {
    const answer = await chooser.ask(asked)
    return answer === null || typeof answer === 'string' ? answer : bringFiles(connection, answer)
  }
  const saveAs = (suggestedName: string): Promise<string | null> => pathOf({ title: t`Save as`, kind: 'save', suggestedName })
  return {
    async pickFiles({ title, isFolder }) {
      const path = await pathOf({ title, kind: isFolder ? 'folder' : 'file', suggestedName: '' })
      return { paths: path === null ? [] : [path] }
    },
    pickArtifact: async () => ({ path: await pathOf({ title: t`A .mender file`, kind: 'file', suggestedName: '' }) }),
    pickSavePath: async ({ suggestedName }) => ({ path: await saveAs(suggestedName) }),
    async saveText({ suggestedName, text }) {
      const path = await saveAs(suggestedName)
      if (path !== null) await (await connection.opened()).engine.folders.writeText({ path, text })
      return { path }
    },
  }
}
