import { describe, expect, it } from 'vitest'
import { signOf, stopAtBootLoader } from './console.ts'
import { SimulatedLine } from './simulated-line.cases.ts'
import { SerialTalk } from './talk.ts'
import { UBootPrompt, parseEnvironment } from './uboot.ts'

const { signal } = new AbortController()

/** As U-Boot 2023.01 speaks: a count down that any key ends, an echo of 16 characters at most at a time, a shell with $?. */
class SimulatedUBoot {
  readonly env: Record<string, string> = {
    baudrate: '115200',
    bootcmd: 'run distro_bootcmd',
    bootdelay: '2',
    altbootcmd: 'if test a = b; then reset; fi',
  }
  saved: Record<string, string> | null = null
  isStopped = false
  hasFlash = true
  /** How many more times it starts anew where it should stop. */
  restarts = 0
  #line = ''
  #status = 0

  readonly answer = (typed: string): string => {
    if (!this.isStopped) {
      if (typed.includes(' ')) this.restarts -= 1
      this.isStopped = typed.includes(' ') && this.restarts < 0
      return this.isStopped ? '\b\b 0 \r\n=> ' : 'U-Boot 2023.01\r\n\r\nHit any key to stop autoboot:  2 '
    }
    let said = ''
    for (const key of typed.slice(0, 16)) {
      if (key !== '\r') {
        this.#line += key
        said += key
        continue
      }
      const commands = this.#line.split(/(?<!\\); /)
      said += `\r\n${commands.map((command) => this.#run(command)).join('')}=> `
      this.#line = ''
    }
    return said
  }

  #run(line: string): string {
    const [command = '', name = '', ...words] = line.replaceAll('$?', String(this.#status)).split(/(?<!\\) /)
    this.#status = 0
    if (command === 'echo') return `${name}\r\n`
    if (command === 'printenv')
      return `${Object.entries(this.env)
        .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\r\n`)
        .join('')}\r\nEnvironment size: 99/16380 bytes\r\n`
    if (command === 'setenv') {
      const value = words.join(' ').replaceAll(/\\(.)/g, '$1')
      if (value === '') delete this.env[name]
      else this.env[name] = value
      return ''
    }
    if (command === 'saveenv' && this.hasFlash) {
      this.saved = { ...this.env }
      return 'Saving Environment to FAT... OK\r\n'
    }
    this.#status = 1
    return command === 'saveenv'
      ? 'Saving Environment to FAT... Card did not respond to voltage select! : -110\r\n'
      : `Unknown command '${command}'\r\n`
  }
}

async function stopped({ restarts = 0 } = {}) {
  const board = new SimulatedUBoot()
  board.restarts = restarts
  const line = new SimulatedLine(115_200, board.answer)
  await line.setBaudRate(115_200)
  const talk = new SerialTalk(line)
  await stopAtBootLoader(talk, 5000, signal)
  return { board, line, prompt: new UBootPrompt(talk, signal) }
}

describe('the prompt of U-Boot', () => {
  it('is stopped at, tells its variables, takes new ones whatever is in them, and saves them', async () => {
    const { board, prompt } = await stopped()
    expect(await prompt.environment()).toEqual(board.env)
    const value = `run a; if test "$b" = 'c'; then echo \\d & e | f; fi`
    await prompt.set('bootcmd', value)
    expect(board.env['bootcmd']).toBe(value)
    await prompt.set('bootdelay', '')
    expect(board.env).not.toHaveProperty('bootdelay')
    expect(board.saved).toBe(null)
    await prompt.save()
    expect(board.saved).toEqual(board.env)
  })

  it('is stopped at when the count down that was heard was of the boot before', async () => {
    const { board, prompt } = await stopped({ restarts: 2 })
    expect(board.isStopped).toBe(true)
    expect(await prompt.environment()).toEqual(board.env)
  })

  it.each(['=> ', '\n=>', 'CTRL+C\nbeaglebone=> ', '\nU-Boot> '])('is known in %j, also behind a key that stopped it late', (heard) => {
    expect([heard, `${heard} `, `${heard}\n\n`].map(signOf)).toEqual(['u-boot', 'u-boot', 'u-boot'])
  })

  it('is not waited for without end where a board starts again and again', async () => {
    const board = new SimulatedUBoot()
    board.restarts = Number.POSITIVE_INFINITY
    const line = new SimulatedLine(115_200, board.answer)
    await line.setBaudRate(115_200)
    using talk = new SerialTalk(line)
    await expect(stopAtBootLoader(talk, 500, signal)).rejects.toMatchObject({
      ...{ code: 'DEVICE_UNREACHABLE', message: expect.stringContaining('did not stop') },
    })
  })

  it('says what it cannot do', async () => {
    const { board, line, prompt } = await stopped()
    board.hasFlash = false
    await expect(prompt.save()).rejects.toMatchObject({ code: 'INTERRUPTED', message: expect.stringContaining('Card did not respond') })
    await expect(prompt.set('a b', 'c')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(prompt.set('a', 'ä')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    line.unplug()
    await expect(prompt.environment()).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
  })

  it('has values of several lines, and with backslashes', () => {
    const said = String.raw`a=1
b=x\
y=2
c=one\\two

Environment size: 9/9 bytes
d=3`
    expect(parseEnvironment(said)).toEqual({ a: '1', b: 'x\ny=2', c: 'one\\two' })
  })
})
