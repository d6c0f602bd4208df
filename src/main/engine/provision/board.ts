import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { RESTORE, SETTLE, replaceScript } from './kept.ts'
import { type BoardShell, type ShellResult, boardFailure, lastLine, quoted } from './shell.ts'

/** A file as it has to be on the board. */
export interface BoardFile {
  to: string
  content: Uint8Array
  /** Octal digits. */
  mode: string
  /** `USER:GROUP` */
  owner: string
}

export interface BoardWork {
  signal: AbortSignal
  /** Asked once, when sudo wants a password. */
  askSudoPassword: (() => Promise<string>) | null
}

interface RunAs {
  input?: Uint8Array
  as?: 'root' | 'login'
  timeoutMs?: number
}

const TIDY_MS = 20_000

/** How to become root; `password` is null where sudo wants none. */
type Root = { kind: 'root' } | { kind: 'sudo'; password: string | null }

/** A board to be provisioned: commands as root, files that can be put back. */
export class Board {
  readonly #shell: BoardShell
  readonly #work: BoardWork
  #root: Root | null = null
  /** Where this run puts what it uploads; null before the first. */
  #folder: string | null

  constructor(shell: BoardShell, work: BoardWork, folder: string | null = null) {
    this.#shell = shell
    this.#work = work
    this.#folder = folder
  }

  get folder(): string | null {
    return this.#folder
  }

  get name(): string {
    return this.#shell.name
  }

  /** Runs a script; its exit code is no failure. */
  async run(script: string, { input, as = 'root', timeoutMs }: RunAs = {}): Promise<ShellResult> {
    const { signal } = this.#work
    const more = { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    const root = as === 'root' ? await this.#becomeRoot() : null
    if (root === null || root.kind === 'root') return this.#shell.run(script, { ...more, ...(input === undefined ? {} : { input }) })
    const flags = root.password === null ? '-n' : "-k -S -p ''"
    const told = root.password === null ? Buffer.alloc(0) : Buffer.from(`${root.password}\n`)
    const command = `sudo ${flags} -- sh -c ${quoted(`PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; ${script}`)}`
    const result = await this.#shell.run(command, { ...more, input: Buffer.concat([told, input ?? Buffer.alloc(0)]) })
    if (result.exitCode !== 0 && /incorrect password|Sorry, try again|not in the sudoers|not allowed to/.test(result.stderr))
      throw notRoot(this.name, result)
    return result
  }

  /** What a script prints; it has to succeed. */
  async ask(what: string, script: string, options: RunAs = {}): Promise<string> {
    const result = await this.run(script, options)
    if (result.exitCode !== 0) throw boardFailure(`${what} on ${this.name}`, result)
    return result.stdout
  }

  /** Which of the files are not there as they have to be. */
  async differing(files: readonly BoardFile[]): Promise<BoardFile[]> {
    if (files.length === 0) return []
    const script = `for f in ${files.map(({ to }) => quoted(to)).join(' ')}; do
  if [ -f "$f" ]; then s=$(sha256sum < "$f") && echo "\${s%% *} $(stat -L -c '%a %U:%G' "$f")"; else echo absent; fi
done`
    const lines = (await this.ask('Cannot look at files', script)).trimEnd().split('\n')
    return files.filter((file, index) => lines[index] !== `${sha256(file.content)} ${file.mode.replace(/^0+(?=\d)/, '')} ${file.owner}`)
  }

  /** Puts a file into its place in one step, and keeps what was there. */
  async put(file: BoardFile): Promise<void> {
    const { to, content, mode, owner } = file
    const from = await this.upload(content)
    const script = replaceScript({ to, from, mode, owner, sha256: sha256(content), key: sha256(Buffer.from(to)).slice(0, 16) })
    await this.ask(`Cannot write ${to}`, script)
  }

  /** Takes content to a folder of this run; answers where it lies. */
  async upload(content: Uint8Array, name = sha256(content).slice(0, 16)): Promise<string> {
    this.#folder ??= (await this.ask('Cannot make a folder', 'umask 077; mktemp -d /tmp/otabench.XXXXXXXX', { as: 'login' })).trim()
    const path = `${this.#folder}/${name}`
    await this.#shell.upload(path, content, this.#work.signal)
    return path
  }

  /** Puts back what `put` replaced, in this run or in one that broke off. Answers what was done, and what could not be. */
  async restore(): Promise<{ done: string[]; left: string[] }> {
    const lines = (await this.ask('Cannot put files back', RESTORE)).split('\n')
    const starting = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1))
    return { done: starting('+'), left: starting('-') }
  }

  /** All has gone well: nothing has to be put back any more. */
  async settle(): Promise<void> {
    await this.ask('Cannot tidy up', SETTLE)
  }

  /** Removes what was uploaded; also when the run was cancelled. */
  async tidyUp(): Promise<void> {
    const signal = AbortSignal.timeout(TIDY_MS)
    if (this.#folder !== null) await this.#shell.run(`rm -rf ${quoted(this.#folder)}`, { signal })
    this.#folder = null
  }

  async #becomeRoot(): Promise<Root> {
    this.#root ??= await this.#findRoot()
    return this.#root
  }

  async #findRoot(): Promise<Root> {
    const { signal, askSudoPassword } = this.#work
    const look = 'id -u; command -v sudo >/dev/null || { echo none; exit; }; sudo -n true 2>&1 && echo free'
    const result = await this.#shell.run(look, { signal })
    const [user, ...said] = result.stdout.trimEnd().split('\n')
    if (user === '0') return { kind: 'root' }
    if (said.includes('none'))
      throw new AppError('PERMISSION', `${this.name} is not root, and the board has no sudo`, 'Log in as root, or install sudo there.')
    if (said.at(-1) === 'free') return { kind: 'sudo', password: null }
    const password = await askSudoPassword?.()
    if (password === undefined) throw new AppError('PERMISSION', `${this.name} needs a password for sudo`, 'Give it, or log in as root.')
    const tried = await this.#shell.run("sudo -k -S -p '' true", { signal, input: Buffer.from(`${password}\n`) })
    if (tried.exitCode !== 0) throw notRoot(this.name, tried)
    return { kind: 'sudo', password }
  }
}

function notRoot(name: string, { stderr }: ShellResult): AppError {
  return new AppError('PERMISSION', `${name} may not become root: ${lastLine(stderr)}`, 'Check the password, and the sudoers of the board.')
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
