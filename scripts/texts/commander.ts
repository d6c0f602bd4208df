/** The file in which commander is told how to speak. */
export const COMMANDER_FILE = 'src/main/cli/help.ts'

/** What commander says itself, as its code has it; `$1` is a value. */
export const COMMANDER_SAYS: readonly string[] = [
  ...['Usage:', 'Arguments:', 'Options:', 'Commands:'],
  ...['display help for command', 'choices: $1', 'default: $1', 'choices: $1, default: $2'],
  ...["unknown option '$1'", "unknown command '$1'", '(Did you mean $1?)', '(Did you mean one of $1?)'],
  ...["missing required argument '$1'", "option '$1' argument missing", "required option '$1' not specified"],
  ...["option '$1' argument '$2' is invalid. $3", "command-argument value '$1' is invalid for argument '$2'. $3"],
  ...['Allowed choices are $1.', "option '$1' cannot be used with option '$2'"],
  'too many arguments. Expected $1 argument but got $2: $3.',
  'too many arguments. Expected $1 arguments but got $2: $3.',
  "too many arguments for '$1'. Expected $2 argument but got $3: $4.",
  "too many arguments for '$1'. Expected $2 arguments but got $3: $4.",
]
