import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLine } from '../command.cases.ts'
import { imageCommand } from './image.ts'

/** The boot partition of the layouts. */
export const BOOT = 'boot: {folder: boot, size: 16 MiB}'

/** Composes cards in a folder, of layouts whose boot partition comes from `boot` there. */
export function composing(folder: () => string) {
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder() })
  return {
    run,
    compose: async (layout: string, output = 'card.img', ...more: string[]) => {
      writeFileSync(join(folder(), 'card.yaml'), layout)
      return run('compose', 'card.yaml', '-o', output, ...more)
    },
    layout: (more: string, table = 'gpt') => `version: 1\nname: board\ntable: ${table}\n${BOOT}\n${more}\n`,
  }
}
