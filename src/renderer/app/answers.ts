import { AppError, toAppError } from '@contract/errors.ts'
import { isSaid } from '@contract/said.ts'

/** Answers with the sentences in them translated. What stays the same from one live value to the next stays one object. */
export class Answers {
  readonly #say: (sentence: string) => string
  readonly #known = new WeakMap<object, unknown>()

  constructor(say: (sentence: string) => string) {
    this.#say = say
  }

  said(value: unknown, isSentence = false): unknown {
    if (typeof value === 'string') return isSentence ? this.#say(value) : value
    if (typeof value !== 'object' || value === null) return value
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const said = this.#whole(value, isSentence)
    this.#known.set(value, said)
    return said
  }

  #whole(value: object, isSentence: boolean): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => this.said(item, isSentence))
    if (!isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([field, held]) => [field, this.said(held, isSaid(field, value) && !isRecord(held))]),
    )
  }

  /** Why an operation has failed, said anew; a call that was taken back has not failed. */
  failed(thrown: unknown): unknown {
    if (thrown instanceof Error && thrown.name === 'AbortError') return thrown
    const { code, message, hint } = toAppError(thrown)
    return new AppError(code, this.#say(message), this.#say(hint), thrown)
  }
}

/** Dates, maps and bytes are left as they are. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
