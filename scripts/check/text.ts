// The rules that a linter has no words for, over the text of each file as oxfmt leaves it.
import { basename } from 'node:path'

export interface Offence {
  file: string
  line: number
  why: string
}

interface Rule {
  /** which files the rule is for, by their path in the checkout */
  in: RegExp
  /** and which of those not */
  except?: RegExp
  line: RegExp
  why: string
}

const source = /^(src|scripts|e2e)\/.*\.tsx?$/
const test = /\.(test|cases)\.tsx?$/

const rules: Rule[] = [
  { in: source, except: test, line: /^(export )?let /, why: 'state of a module: create it in a function, and hand it on' },
  { in: source, line: /\b(o?xlint|eslint)-disable(?!.* -- )/, why: 'a rule switched off without a reason: … -- why nothing else works' },
  { in: source, line: /@ts-(ignore|nocheck|expect-error)/, why: 'a type error hidden: say the type instead' },
  {
    in: source,
    except: /^src\/main\/contract\/index\.ts$/,
    line: /^export (\*|(type )?\{[^}]*\}) from /,
    why: 'a barrel: import from where it stands',
  },
  {
    in: source,
    line: /\b(class|interface|type) (I[A-Z][a-z]\w*|\w+(Manager|Service|Helper|Util|Utils))\b/,
    why: 'a name that says nothing',
  },
  {
    in: /^src\/main\/engine\/.*\.ts$/,
    except: /host\.node\.ts$|\.(test|cases)\.ts$/,
    line: /\bnew Date\(\)/,
    why: 'time comes from host.clock',
  },
  {
    in: /^src\/renderer\/.*\.tsx?$/,
    line: /\buse(Layout)?Effect\(\(\) => (?![{(]|void )/,
    why: 'an effect that answers what it calls: React takes it for the clean-up, and scrollIntoView answers a promise in newer browsers',
  },
  {
    in: /^src\/renderer\/.*\.tsx$/,
    except: test,
    line: /\b(title|label|placeholder|aria-label|description|text|action)="[A-Z][a-z]|>[A-Z][a-z]+[^<>{}=]*<\//,
    why: 'a text of the window that no translator sees: t`…`',
  },
  { in: /./, line: /https?:\/\/registry\./, why: 'the host of a package registry' },
]

/** Every line of a file that breaks a rule. `checkout` is the absolute path of the checkout, which no file may speak of. */
export function offencesIn(file: string, text: string, checkout: string): Offence[] {
  const offences = namedBadly(file)
    ? [{ file, line: 1, why: 'a file name in kebab-case, or a component in PascalCase; never utils or helpers' }]
    : []
  const applied = rules.filter((rule) => rule.in.test(file) && !rule.except?.test(file))
  for (const [index, content] of text.split('\n').entries()) {
    const broken = applied.filter((rule) => rule.line.test(content)).map((rule) => rule.why)
    if (content.includes(checkout)) broken.push('the path of one checkout')
    offences.push(...broken.map((why) => ({ file, line: index + 1, why })))
  }
  return [...offences, ...wideClasses(file, text)]
}

function namedBadly(file: string): boolean {
  if (!source.test(file)) return false
  const stem = basename(file).replace(/(\.[a-z0-9]+)*\.tsx?$/, '')
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)
  const component = file.endsWith('.tsx') && /^[A-Z][A-Za-z0-9]*$/.test(stem)
  return /^(utils?|helpers?|misc|common)$/.test(stem) || !(kebab || component)
}

/** Classes with more than ten public methods. */
function wideClasses(file: string, text: string): Offence[] {
  if (!source.test(file)) return []
  const classes = text.matchAll(/^(?:export )?(?:abstract )?class (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)
  return [...classes].flatMap(([, name, body = '']) => {
    const methods = [...body.matchAll(/^ {2}(?!private |protected |constructor\b|get |set )(?:static |async |\* ?)*[a-z]\w*(?:<.*>)?\(/gm)]
    if (methods.length <= 10) return []
    return [{ file, line: lineOf(text, `class ${name}`), why: `class ${name} has ${methods.length} public methods: ten at most` }]
  })
}

const lineOf = (text: string, words: string) => text.slice(0, text.indexOf(words)).split('\n').length
