import { inParagraphs } from '../../texts/paragraphs.ts'

interface Language {
  /** A sentence, whatever values are in it. */
  say(sentence: string): string
  /** A word that stands by itself, as at the head of a column: it says nothing of the same word in a sentence. */
  word(word: string): string
}

const ENGLISH: Language = { say: (sentence) => sentence, word: (word) => word }

const spoken = { language: ENGLISH }

/** From now on the first of these languages is spoken that there is a catalogue for; none is loaded for English. */
export async function speak(wanted: readonly string[]): Promise<void> {
  spoken.language = wanted.length === 0 ? ENGLISH : ((await (await import('./catalogue.ts')).languageOf(wanted)) ?? ENGLISH)
}

export const say: Language['say'] = (sentence) => spoken.language.say(sentence)

export const word: Language['word'] = (word) => spoken.language.word(word)

/** Each line that is one sentence; what stands in columns was said before it was laid out. */
export function sayLines(text: string): string {
  if (spoken.language === ENGLISH) return text
  return text.replaceAll(/^(\s*)(\S.*)$/gm, (line, indent: string, sentence: string) =>
    sentence.includes('  ') ? line : indent + say(sentence),
  )
}

/** What help says in paragraphs, in lines of so many letters. */
export const sayParagraphs = (text: string, width: number): string => inParagraphs(text, (each) => wrapped(say(each), width))

/** Broken at spaces into lines of so many letters. */
export function wrapped(text: string, width: number): string {
  const lines = ['']
  for (const each of text.split(' ')) {
    const longer = `${lines.at(-1)} ${each}`.trimStart()
    if (longer.length <= width || lines.at(-1) === '') lines.splice(-1, 1, longer)
    else lines.push(each)
  }
  return lines.join('\n')
}

/** Each line but the first set in by so many spaces. */
export const setIn = (text: string, indent: number): string => text.replaceAll('\n', `\n${' '.repeat(indent)}`)
