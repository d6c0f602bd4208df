/** One command of a line: its words, and where its output goes. */
export interface ShellCommand {
  words: string[]
  /** null: to the terminal. */
  output: { path: string; isAppended: boolean } | null
  /** Whether it is left out when the one before has failed (`&&`). */
  needsSuccess: boolean
}

const TOKEN = /\s*(?:(&&|>>|[;>|&<])|((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s;&|<>"'\\])+))/y

/** A line as commands: words with quotes, `;`, `&&`, `>` and `>>`. Answers what is wrong with a line that says anything else. */
export function readLine(line: string): ShellCommand[] | string {
  const commands: ShellCommand[] = [{ words: [], output: null, needsSuccess: false }]
  const text = line.trimEnd()
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const found = TOKEN.exec(text)
    if (!found) return 'syntax error: a quote is not closed'
    const [, sign, word] = found
    const current = commands.at(-1)
    if (!current) break
    if (word !== undefined) current.words.push(unquoted(word))
    else if (sign === ';' || sign === '&&') commands.push({ words: [], output: null, needsSuccess: sign === '&&' })
    else if (sign === '>' || sign === '>>') {
      const target = TOKEN.exec(text)?.[2]
      if (target === undefined) return `syntax error: ${sign} needs a file`
      current.output = { path: unquoted(target), isAppended: sign === '>>' }
    } else return `this small shell of a virtual device has no ${sign}`
  }
  return commands.filter(({ words }) => words.length > 0)
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
    double === undefined ? (single ?? escaped ?? '') : double.replaceAll(/\\(["\\$])/g, '$1'),
  )
}
