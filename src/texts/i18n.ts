import { type Messages, setupI18n } from '@lingui/core'
import { compileMessage } from '@lingui/message-utils/compileMessage'

const LANGUAGES = import.meta.glob<{ messages: Messages }>(['./*.po', '!./en.po'])

const compiled = new Map<string, ReturnType<typeof compileMessage>>()

/** Each text is parsed once. */
function compile(text: string): ReturnType<typeof compileMessage> {
  const message = compiled.get(text) ?? compileMessage(text)
  compiled.set(text, message)
  return message
}

/** Says texts in English, as they stand in the code, until another language is chosen. */
export const i18n = setupI18n({ locale: 'en', messages: { en: {} } }).setMessagesCompiler(compile)

/**
 * Chooses the first of these languages that there is a catalogue for, the dearest being in front. Before a module with texts begins:
 * they are made where they stand, also then.
 */
export async function speak(wanted: readonly string[]): Promise<void> {
  const tags = wanted.flatMap((tag) => [tag, tag.replace(/-.*$/, '')])
  const locale = tags.find((tag) => tag === 'en' || Object.hasOwn(LANGUAGES, fileOf(tag)))
  const load = locale === undefined ? undefined : LANGUAGES[fileOf(locale)]
  if (locale !== undefined && load !== undefined) i18n.loadAndActivate({ locale, messages: (await load()).messages })
}

const fileOf = (locale: string): string => `./${locale}.po`
