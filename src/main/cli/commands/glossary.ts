import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { TERMS } from '../../contract/glossary.ts'
import type { CliContext } from '../context.ts'

/** `otabench glossary`: what the words mean. */
export function glossaryCommand(context: CliContext): Command {
  return new Command('glossary')
    .description('what the words mean: all of them, or those that hold TERM')
    .argument('[term...]', 'a word, or a part of one')
    .action((words: string[]) => explain(words.join(' '), context))
}

function explain(asked: string, { out }: CliContext): void {
  const part = asked.toLowerCase()
  const exact = TERMS.filter(({ name }) => name.toLowerCase() === part)
  const found = exact.length > 0 ? exact : TERMS.filter(({ name }) => name.toLowerCase().includes(part))
  // Whoever brings a word of elsewhere is told ours.
  const meant = found.length > 0 ? found : TERMS.filter(({ never }) => never?.some((other) => other.includes(part)))
  if (meant.length === 0)
    throw new AppError('NOT_FOUND', `The glossary has no word with "${asked}"`, 'See them all with otabench glossary.')
  out.result(
    meant.map(({ name, means }) => ({ term: name, means })),
    meant.map(({ name, means }) => `${name}\n  ${means}`).join('\n'),
  )
}
