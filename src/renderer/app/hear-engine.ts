import { hearChanges } from '@contract/live-changes.ts'
import { i18n } from '@language'
import { say } from '../ui/engine-words.ts'
import { Answers } from './answers.ts'

/** An operation that is being called. */
interface Called {
  path: readonly string[]
  next: () => Promise<unknown>
}

/** Operations that answer nothing but sentences. */
const TELLING = new Set(['jobs.log'])

/** Hears what the engine answers, and says in the reader's language what it says to people. In English nothing has to be done for that. */
export const hearEngine: (called: Called) => Promise<unknown> = i18n.locale === 'en' ? hearChanges : inLanguage()

function inLanguage(): (called: Called) => Promise<unknown> {
  const answers = new Answers(say)
  return async (called) => {
    const isTelling = TELLING.has(called.path.join('.'))
    const said = (answer: unknown) => answers.said(answer, isTelling)
    try {
      const answer = await hearChanges(called)
      return isIterable(answer) ? each(answer, said, answers) : said(answer)
    } catch (thrown) {
      throw answers.failed(thrown)
    }
  }
}

async function* each(
  values: AsyncIterable<unknown>,
  said: (value: unknown) => unknown,
  answers: Answers,
): AsyncGenerator<unknown, void, void> {
  try {
    for await (const value of values) yield said(value)
  } catch (thrown) {
    throw answers.failed(thrown)
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
