import { type CardLayout, cardLayout } from '../../contract/card-layout.ts'
import { type Seed, seed } from '../../contract/seed.ts'
import { parseYaml, yamlText } from '../lib/yaml-file.ts'

const HINT = 'Correct it there; otabench image compose --help shows an example.'

/**
 * The layout that a file says; `where` is its name in errors. BAD_INPUT with line and column for text that is no YAML, for unknown keys and
 * for values that cannot be.
 */
export function parseLayout(text: string, where: string): CardLayout {
  return parseYaml(text, where, { schema: cardLayout, what: 'layout', hint: HINT })
}

/** The seed that a file says, in the same way. */
export function parseSeed(text: string, where: string): Seed {
  return parseYaml(text, where, { schema: seed, what: 'seed', hint: HINT })
}

/** The text of a layout file that says this, without what is left out anyway. */
export function layoutText(layout: CardLayout): string {
  return yamlText(layout)
}
