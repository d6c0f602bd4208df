import { type Argument, type Command, Help, type HelpConfiguration, type Option } from 'commander'
import { say, setIn, wrapped } from './language.ts'

const plain = new Help()

/** What commander adds to a description: `(choices: "a", "b", default: "a")`. */
function described(description: string, whole: string): string {
  const [, added = ''] = /^ ?\((.*)\)$/s.exec(whole.slice(description.length)) ?? []
  return [say(description), added === '' ? '' : `(${say(added)})`].filter((part) => part !== '').join(' ')
}

/** As wide as the longest term that leaves the larger part of the line to what it means. */
function columnOf(command: Command, width: number): number {
  const terms = [
    ...plain.visibleArguments(command).map(plain.argumentTerm),
    ...plain.visibleOptions(command).map(plain.optionTerm),
    ...plain.visibleCommands(command).map(plain.subcommandTerm),
  ]
  return Math.max(0, ...terms.map(({ length }) => length).filter((length) => length <= width * 0.4))
}

/** A term and, in a column beside it, what it means; below it where the term is longer than its column. */
function item(term: string, column: number, description: string, width: number): string {
  const indent = column + 4
  const head = term.length <= column ? `  ${term}`.padEnd(indent) : `  ${term}\n`
  return setIn(head + wrapped(description, width - indent), indent)
}

/** How the help of every command is put together, in the reader's language and in lines of so many letters. */
export const helpOf = (width: number): HelpConfiguration => ({
  helpWidth: width,
  padWidth: (command) => columnOf(command, width),
  formatItem: (term, column, description) => item(term, column, description, width).trimEnd(),
  styleTitle: say,
  commandDescription: (command) => say(plain.commandDescription(command)),
  subcommandDescription: (command) => say(plain.subcommandDescription(command)),
  optionDescription: (option: Option) => described(option.description, plain.optionDescription(option).replace(' (default: [])', '')),
  argumentDescription: (argument: Argument) => described(argument.description, plain.argumentDescription(argument)),
})
