import { join } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineTemplate } from '../../src/texts/engine-template.ts'
import { EngineWords } from '../../src/texts/engine-words.ts'
import { engineTexts, isForPeople } from './engine-texts.ts'
import { Flow } from './flow.ts'
import { Names } from './names.ts'
import { engineFiles } from './engine-files.ts'
import { readSource } from './tree.ts'

const root = join(import.meta.dirname, '../..')

/** The templates in a file of this code. */
const found = (code: string): string[] => engineTexts([{ file: 'a.ts', code }]).map(({ template }) => template)

describe('what the engine says, as its code has it', () => {
  it('is what an error is made of, with a place for each value', () => {
    expect(found("throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')")).toEqual([
      'There is no file {0}',
      'Check the path.',
    ])
    expect(engineTexts([{ file: 'a.ts', code: "new AppError('CONFLICT', `${a.b} holds ${count(c)}`)" }])[0]?.values).toEqual({
      0: 'a.b',
      1: 'count(c)',
    })
  })

  it('is a sentence for each way in which it is put together', () => {
    expect(found("new AppError('X', `${n} ${n === 1 ? 'file' : 'files'} cannot be read`)")).toEqual([
      '{0} file cannot be read',
      '{0} files cannot be read',
    ])
    expect(found("const what = many ? 'files' : 'a file'\nnew AppError('X', `There are ${what}`)")).toEqual([
      'There are files',
      'There are a file',
    ])
    expect(found("new AppError('X', 'It is ' + (a ? 'here' : `at ${b}`))")).toEqual(['It is here', 'It is at {0}'])
  })

  it('is followed through variables, parameters, fields and answers', () => {
    expect(
      found("const HINT = 'Try it again.'\nnew AppError('X', message(), HINT)\nfunction message() { return 'It has failed' }"),
    ).toEqual(['It has failed', 'Try it again.'])
    expect(found("const bad = (why: string) => new AppError('X', `The file is damaged: ${why}`)\nthrow bad('it ends too early')")).toEqual([
      'it ends too early',
      'The file is damaged: {0}',
    ])
    expect(found("const check = () => ({ why: 'It is too large' })\nconst { why } = check()\nnew AppError('X', why)")).toEqual([
      'It is too large',
    ])
    expect(found("const check = () => () => 'It is too old'\nconst why = check()()\nnew AppError('X', why)")).toEqual(['It is too old'])
    expect(found("const W = { a: 'the first one', b: 'the second one' }\nnew AppError('X', `This is ${W[kind]}`)")).toEqual([
      'the first one',
      'the second one',
      'This is {0}',
    ])
  })

  it('is also what a function is given under the name of a variable of another one', () => {
    const code = `
      const good = (text: string) => ({ state: 'good', text })
      const lacks = () => { const text = 'It is not there.'; return { state: 'lacks', text } }
      const all = [good('It is there.'), lacks()]`
    expect(found(code).toSorted()).toEqual(['It is not there.', 'It is there.'])
  })

  it('may begin with a path', () => {
    expect(found("x({ text: '/sys is not mounted', why: `/data${path} is there already`, detail: '/etc/init.d/ssh restart' })")).toEqual([
      '/data{0} is there already',
      '/sys is not mounted',
    ])
  })

  it('is a sentence for certain where it is held by a name, whatever signs are in it', () => {
    expect(found("const HINT = 'Write a=b|c'\nnew AppError('X', '', HINT)")).toEqual(['Write a=b|c'])
  })

  it('is what jobs, timelines and findings hold', () => {
    expect(found("start({ title: `Send ${name}`, steps: ['Verify', 'Send it'] })")).toEqual(['Send {0}', 'Verify', 'Send it'])
    expect(found("note({ lane: 'power', text: 'Power cut' })\njob.log(`wrote ${path} anew`)")).toEqual(['Power cut', 'wrote {0} anew'])
  })

  it('is no path, no code, and nothing without words', () => {
    expect(
      found("new AppError('X', `${a}: ${b}`)\nx({ text: '/etc/hostname', why: `${a}/b`, detail: 'SELECT a FROM b', title: 'a\\nb c' })"),
    ).toEqual([])
  })

  it('is spelled so that the catalogue and the window read the same', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom("'", '{', '}', 'a', ' ', '"') }), { minLength: 1, maxLength: 4 }), (texts) => {
        const [template = ''] = found(`new AppError('X', \`words \${v}${texts.join('${v}')}\`)`)
        const sentence = `words V${texts.join('V')}`
        expect(said(template, Object.fromEntries(texts.map((_, at) => [String(at), 'V'])))).toBe(sentence)
        expect(new EngineTemplate(template).valuesIn(sentence)?.join('')).toBe(texts.map(() => 'V').join(''))
      }),
    )
  })
})

/** The same in a file of the command line. */
const printed = (code: string): string[] => engineTexts([{ file: 'src/main/cli/a.ts', code }]).map(({ id }) => id)

describe('what the command line says, as its code has it', () => {
  it('is what commander shows of commands, options and arguments', () => {
    const code = `
      new Command('keys').description('Keys that sign.').option('--key <file>', 'how').argument('<file>', 'where it lies')
      add('the other one')
      const add = (text) => new Option('-x', text)`
    expect(printed(code).toSorted()).toEqual(['Keys that sign.', 'how', 'the other one', 'where it lies'])
    expect(found(code)).toEqual([])
  })

  it('is a paragraph of the notes, without the breaks in its lines and without examples', () => {
    const code =
      "const SSH = `\nThe keys of\nssh-agent are tried.`\nx.addHelpText('after', `\nA FILE is\n<YAML>:\n\n  version: 1\n\nIt may be ${n}\ntimes.\n${SSH}`)"
    expect(printed(code).toSorted()).toEqual(['A FILE is <YAML>:', 'It may be {0} times.', 'The keys of ssh-agent are tried.'])
  })

  it('is each line of a result, an event, a note, and no code', () => {
    expect(
      printed(
        "out.result(a, [`removed: ${b}`, '  nothing else'].join('\\n'))\nout.event(c, `${d}: not signed`)\nout.important('Stopped.')",
      ).toSorted(),
    ).toEqual([...['Stopped.', 'nothing else', 'removed: {0}', '{0}: not signed']])
    expect(printed("out.verbatim(a, 'Provides group: none')\nout.result(a, `${b}=${c}\\n/etc/hosts`)")).toEqual([])
  })

  it('is a word by itself at the head of a column and beside a fact, which is no sentence', () => {
    expect(
      printed(
        "table(['id', 'last seen'], rows)\nfact('key', a)\nconst HEAD = ['u-boot', ...(a ? ['said'] : [])]\ntable(HEAD, b)",
      ).toSorted(),
    ).toEqual([...['word.id', 'word.key', 'word.last seen', 'word.said', 'word.u-boot']])
  })

  it('is found once where a variable holds itself, or two hold each other', () => {
    expect(printed("let head = ['id']\nhead = [...head, 'state']\ntable(head, rows)")).toEqual(['word.id', 'word.state'])
    expect(printed("let a = ['id', ...b]\nlet b = [a[0], 'state']\ntable(a, rows)")).toEqual(['word.id', 'word.state'])
  })
})

describe('the sentences of the engine', () => {
  const files = engineFiles(root)

  it('are in the texts for each message and each hint of an error', () => {
    const names = new Names(files.map(({ file, code }) => readSource(file, code)))
    const errors = names.calls.get('AppError') ?? []
    const silent = errors.flatMap(({ source, args }) =>
      args.slice(1, 3).flatMap((node) => {
        const flow = new Flow(names, 50)
        flow.say({ source, node }, 'said')
        const code = source.code.slice(node.start, node.end)
        // what hands on the message of another is said where that one is made
        return code === "''" || /\.message\b/.test(code) || flow.found.some(isForPeople) ? [] : [`${source.file}: ${code}`]
      }),
    )
    expect(errors.length).toBeGreaterThan(500)
    expect(silent).toEqual([])
  })

  it('are found again, whatever stands in them', () => {
    const templates = [...new Set(engineTexts(files).map(({ template }) => template))]
    const words = new EngineWords(templates, (template) => `«${template}»`)
    const lost = templates.filter((template) => {
      const { places } = new EngineTemplate(template)
      const values = Object.fromEntries(Array.from({ length: places }, (_, at) => [String(at), `/a.${at}`]))
      return !words.say(said(template, values)).startsWith('«')
    })
    expect(templates.length).toBeGreaterThan(2000)
    expect(lost).toEqual([])
  })
})

/** A template with values, as Lingui puts it together. */
function said(template: string, values: Readonly<Record<string, string>>): string {
  const compiled = compileMessage(template)
  if (typeof compiled === 'string') return compiled
  return compiled.map((part) => (typeof part === 'string' ? part : (values[part[0]] ?? ''))).join('')
}
