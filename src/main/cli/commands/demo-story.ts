import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import type { Printer } from '../print.ts'
import type { Host } from '../../engine/host.ts'

/** What every part of the demo works with. */
export interface DemoWork {
  host: Host
  folder: string
  signal: AbortSignal
  story: Story
  out: Printer
}

/** How a step ended. `trouble` says what it should have done and did not; the story goes on where it can, and the demo fails. */
export interface StepEnd<T> {
  value: T
  figures: readonly string[]
  trouble?: readonly string[]
}

const COLOURS = { good: '32', bad: '31', dim: '2', bold: '1' } as const

/** Tells the demo step by step: a number, what is done, its figures, whether it did what it should. */
export class Story {
  readonly #context: CliContext
  readonly #startedAt: number
  #number = 0
  #failed = 0

  constructor(context: CliContext) {
    this.#context = context
    this.#startedAt = context.host.clock.now()
  }

  get isGood(): boolean {
    return this.#failed === 0
  }

  async step<T>(title: string, work: () => Promise<StepEnd<T>>): Promise<T> {
    const { host, out } = this.#context
    const startedAt = host.clock.now()
    this.#number += 1
    out.note(this.paint('dim', `   … ${say(title)}`))
    const { value, figures, trouble = [] } = await work()
    const seconds = (host.clock.now() - startedAt) / 1000
    const isGood = trouble.length === 0
    if (!isGood) this.#failed += 1
    const mark = isGood ? this.paint('good', '✓') : this.paint('bad', '✗')
    const lines = [...figures.map((text) => `       ${say(text)}`), ...trouble.map((text) => this.paint('bad', `     ✗ ${say(text)}`))]
    const head = `${mark} ${this.#number}. ${this.paint('bold', say(title))} ${this.paint('dim', `${seconds.toFixed(1)} s`)}`
    out.event({ step: this.#number, title, isGood, seconds, figures, trouble }, [head, ...lines].join('\n'))
    return value
  }

  /** One line about what goes on inside a step. */
  tell(text: string): void {
    this.#context.out.note(this.paint('dim', `       ${say(text)}`))
  }

  end(): void {
    const { host, out } = this.#context
    const seconds = (host.clock.now() - this.#startedAt) / 1000
    const text = `Every step did what it should, in ${seconds.toFixed(1)} s.`
    out.event({ isGood: true, steps: this.#number, seconds }, this.paint('good', say(text)))
  }

  /** Colour on a terminal only, and not where NO_COLOR asks for none. */
  paint(colour: keyof typeof COLOURS, text: string): string {
    const { out, environment } = this.#context
    const isColoured = out.style.isTerminal && !out.style.isJson && !environment['NO_COLOR']
    return isColoured ? `\u001B[${COLOURS[colour]}m${text}\u001B[0m` : text
  }
}
