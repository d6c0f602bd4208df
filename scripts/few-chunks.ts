import { resolve } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

/** What starts without an engine, and takes none of its code along. */
const LIGHT = ['index.ts', 'cli.ts', 'writer.ts', 'opener.ts', 'checkpoint.ts', 'search.ts', 'cli/main.ts', 'cli/run-command.ts']
const ENGINE = ['engine-of-app.ts', 'cli/session.ts']
const ARTIFACTS = ['cli/commands/artifact.ts']

/**
 * Bundles what every engine takes along into two files: what the commands for artifacts take along as well, and the rest. Left alone, each set of
 * commands that shares something would have a file of its own, some seventy, and a start looks for each, reads and links it. `folder`: of the
 * entries.
 */
export function fewChunks(folder: string): { plugin: Plugin; groups: Rolldown.CodeSplittingGroup[] } {
  const groupOf = new Map<string, string>()
  const plugin: Plugin = {
    name: 'few-chunks',
    buildEnd() {
      const closure = (entries: readonly string[]): Set<string> => {
        const found = new Set(entries.map((name) => resolve(folder, name)))
        for (const id of found) {
          const module = this.getModuleInfo(id)
          if (!module) throw new Error(`${id} is no module of the program`)
          for (const imported of module.importedIds) found.add(imported)
        }
        return found
      }
      const [light, engine, artifacts] = [closure(LIGHT), closure(ENGINE), closure(ARTIFACTS)]
      for (const id of engine) if (!light.has(id)) groupOf.set(id, artifacts.has(id) ? 'formats' : 'engine')
    },
  }
  const group = (name: string): Rolldown.CodeSplittingGroup => ({
    ...{ name, test: (id) => groupOf.get(id) === name },
    // What an engine shares with what starts without one stays where it is.
    includeDependenciesRecursively: false,
  })
  return { plugin, groups: [group('formats'), group('engine')] }
}
