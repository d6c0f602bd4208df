import { type Argument, Help, type HelpConfiguration, type Option } from 'commander'
import { say } from './language.ts'

const plain = new Help()

/** What commander adds to a description: `(choices: "a", "b", default: "a")`. */
function described(description: string, whole: string): string {
  const [, added = ''] = /^ ?\((.*)\)$/s.exec(whole.slice(description.length)) ?? []
  return [say(description), added === '' ? '' : `(${say(added)})`].filter((part) => part !== '').join(' ')
}

/** How the help of every command is put together, in the reader's language. */
export const HELP: HelpConfiguration = {
  styleTitle: say,
  commandDescription: (command) => say(plain.commandDescription(command)),
  subcommandDescription: (command) => say(plain.subcommandDescription(command)),
  optionDescription: (option: Option) => described(option.description, plain.optionDescription(option).replace(' (default: [])', '')),
  argumentDescription: (argument: Argument) => described(argument.description, plain.argumentDescription(argument)),
}
