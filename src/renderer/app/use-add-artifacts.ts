import { t } from '@lingui/core/macro'
import type { Place } from '@contract/desktop.ts'
import { AppError } from '@contract/errors.ts'
import { fileKind } from '@contract/file-kinds.ts'
import type { Desktop, Engine } from './connection.ts'
import { useConnection } from './connection-context.tsx'
import { useOpenFiles } from './file-openers.ts'
import { finishJob } from './finish-job.ts'
import { pickFiles } from './pick-files.ts'
import { shell } from './shell.ts'
import { showOffer } from './show-offer.tsx'
import { uploadArtifact } from './transfers.ts'
import { useAction } from './use-action.ts'
import { useWindow } from './window-state.ts'

interface AddArtifacts {
  /** Adds files that were dropped. */
  drop: (files: File[]) => void
  /** Adds files of this machine. */
  open: (paths: readonly string[]) => void
  /** Asks for files, then adds them. */
  pick: () => void
  isBusy: boolean
}

/** A file on its way in. */
interface Incoming {
  name: string
  add: (engine: Engine, how: { allowExpansion: boolean }) => Promise<string>
}

const placeNow = (): Place => useWindow.getState().place

/**
 * Brings `.mender` files into the library: by their paths in the app, by upload in a browser. `onAdded` hears the last one's id, unless the
 * person has gone to another place meanwhile: who is elsewhere stays there.
 */
export function useAddArtifacts(onAdded: (id: string) => void): AddArtifacts {
  const { desktop } = useConnection()
  const openOthers = useOpenFiles()
  const done = (id: string | null, from: Place): void => {
    if (id !== null && placeNow() === from) onAdded(id)
  }
  const addAnyway = useAction<[Place, Incoming], string>((engine, _from, file) => file.add(engine, { allowExpansion: true }), done)
  /** The last one's id; what expands far is offered instead. */
  async function addAll(engine: Engine, files: readonly Incoming[]): Promise<string | null> {
    let last: string | null = null
    for (const file of files) {
      try {
        last = await file.add(engine, { allowExpansion: false })
      } catch (thrown) {
        if (!isExpansion(thrown)) throw thrown
        offerAnyway(file, thrown, () => addAnyway.run(placeNow(), file))
      }
    }
    return last
  }
  const add = useAction<[Place, File[]], string | null>(
    (engine, _from, files) => addAll(engine, shell === null ? files.map(uploaded) : pathsOf(files).map(read)),
    done,
  )
  const open = useAction<[Place, readonly string[]], string | null>((engine, _from, paths) => addAll(engine, paths.map(read)), done)
  const pick = useAction<[Place], string | null>(
    async (engine) => addAll(engine, desktop === null ? (await pickFiles('.mender')).map(uploaded) : (await pickPaths(desktop)).map(read)),
    done,
  )
  /** What is no artifact is opened where it belongs. */
  function drop(files: File[]): void {
    const { artifacts = [], others = [] } = Object.groupBy(files, ({ name }) =>
      shell === null || fileKind(name) === 'artifact' ? 'artifacts' : 'others',
    )
    if (others.length > 0) openOthers(pathsOf(others))
    if (artifacts.length > 0) add.run(placeNow(), artifacts)
  }
  return {
    ...{ drop, open: (paths) => open.run(placeNow(), paths), pick: () => pick.run(placeNow()) },
    isBusy: add.isBusy || pick.isBusy,
  }
}

const isExpansion = (thrown: unknown): thrown is AppError => thrown instanceof AppError && thrown.code === 'EXPANSION_LIMIT'

function offerAnyway({ name }: Incoming, { message }: AppError, onAccept: () => void): void {
  const times = /[\d,]+ times/.exec(message)?.[0] ?? 'far'
  const text = t`An almost empty image does that, and so does a file made to fill the disk.`
  showOffer({ title: t`${name} expands ${times}`, text, color: 'yellow', action: t`Add anyway`, onAccept })
}

/** The engine is on this machine: it reads the file itself. */
function read(path: string): Incoming {
  return {
    name: path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1),
    async add(engine, how) {
      const { id, jobId } = await engine.artifacts.add({ path, ...how })
      await finishJob(engine, jobId)
      return id
    },
  }
}

function uploaded(file: File): Incoming {
  return { name: file.name, add: (_engine, how) => uploadArtifact(file, how) }
}

function pathsOf(files: readonly File[]): string[] {
  return files.map((file) => shell?.pathOf(file) ?? '').filter((path) => path !== '')
}

async function pickPaths(desktop: Desktop): Promise<string[]> {
  const { path } = await desktop.pickArtifact()
  return path === null ? [] : [path]
}
