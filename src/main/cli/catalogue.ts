import { EngineWords } from '@texts/engine-words.ts'
import { i18n, speak } from '@texts/i18n.ts'

/** The first of these languages that there is a catalogue for; null where there is none. */
export async function languageOf(wanted: readonly string[]): Promise<{ say(sentence: string): string; word(word: string): string } | null> {
  await speak(wanted)
  if (i18n.locale === 'en') return null
  const words = new EngineWords(Object.keys(i18n.messages), (template, values) => i18n._(template, values))
  return { say: (sentence) => words.say(sentence), word: (word) => i18n._(`word.${word}`, {}, { message: word }) }
}
