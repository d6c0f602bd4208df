import { EngineWords } from '@texts/engine-words.ts'
import { i18n } from '@language'

/** What the engine, or the contract, says in English, in the reader's language. */
export const say: (sentence: string) => string = i18n.locale === 'en' ? (sentence) => sentence : inLanguage()

function inLanguage(): (sentence: string) => string {
  const words = new EngineWords(Object.keys(i18n.messages), (template, values) => i18n._(template, values))
  return (sentence) => words.say(sentence)
}
