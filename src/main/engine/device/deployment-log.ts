import { z } from 'zod'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'

const logMessage = z.object({ timestamp: z.string(), level: z.string(), message: z.string() })
export type LogMessage = z.infer<typeof logMessage>

/** What the client noted during one deployment, kept on disk line by line so that it is there after a restart. */
export class DeploymentLog {
  readonly #files: Files
  readonly #path: string
  #messages: LogMessage[] = []
  #sizeBytes = 0

  constructor(files: Files, path: string) {
    this.#files = files
    this.#path = path
  }

  get messages(): readonly LogMessage[] {
    return this.#messages
  }

  /** Starts an empty log. */
  async begin(): Promise<void> {
    await this.#files.remove(this.#path)
    this.#messages = []
    this.#sizeBytes = 0
  }

  /** Takes the log up again after a restart; a line that a power cut tore is dropped. */
  async resume(): Promise<void> {
    if (!(await this.#files.stat(this.#path))) return this.begin()
    const text = new TextDecoder().decode(await readWhole(this.#files, this.#path))
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    this.#sizeBytes = new TextEncoder().encode(whole).length
    this.#messages = whole.split('\n').flatMap((line) => parseLine(line) ?? [])
  }

  async add(message: LogMessage): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`)
    await using file = await this.#files.open(this.#path, 'edit')
    await file.write(bytes, this.#sizeBytes)
    this.#sizeBytes += bytes.length
    this.#messages.push(message)
  }
}

function parseLine(line: string): LogMessage | null {
  if (line === '') return null
  try {
    return logMessage.parse(JSON.parse(line))
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof z.ZodError) return null
    throw thrown
  }
}
