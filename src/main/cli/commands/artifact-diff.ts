import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Command } from 'commander'
import type { ComparisonStep } from '../../contract/comparisons.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { compareArtifacts } from '../../engine/compare/compare.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { describeDiff } from './artifact-diff-text.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'

interface DiffFlags extends ExpansionFlag {
  exitCode?: boolean
  text?: boolean
}

/** `otabench artifact diff A B`. */
export function diffCommand(context: CliContext): Command {
  return new Command('diff')
    .description('what differs between two artifacts: header, provides, depends, scripts, payload, and files inside ext2, 3 and 4 images')
    .argument('<a>', 'the one before')
    .argument('<b>', 'the one after')
    .option('--text', 'show how small text files inside the images differ')
    .option('--exit-code', 'exit 5 when they differ')
    .addOption(allowExpansionOption())
    .action((a: string, b: string, flags: DiffFlags) => diff([a, b], flags, context))
}

async function diff(
  [pathA, pathB]: readonly [string, string],
  { exitCode, text, allowExpansion }: DiffFlags,
  context: CliContext,
): Promise<void> {
  const { host, out, cwd, signal } = context
  const limits = limitsWith({ allowExpansion })
  const units: Record<ComparisonStep, string> = {
    'read-a': `of ${basename(pathA)} read`,
    'read-b': `of ${basename(pathB)} read`,
    files: 'compared',
  }
  const { a, b, ...found } = await compareArtifacts([absolute(cwd, pathA), absolute(cwd, pathB)], {
    files: host.files,
    folder: join(tmpdir(), `otabench-diff-${randomUUID()}`),
    hasText: text ?? false,
    limits: [limits, limits],
    signal,
    onProgress: (step, done, total) => out.progress(done, total, units[step]),
  })
  const words = found.isSame ? say(`${pathA} and ${pathB} have the same content`) : describeDiff({ a, b, ...found })
  out.verbatim({ a: pathA, b: pathB, ...found }, words)
  if (exitCode && !found.isSame) throw new NegativeOutcome(EXIT_NEGATIVE)
}
