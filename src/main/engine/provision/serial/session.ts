import { createHash } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'
import type { ShellResult } from '../shell.ts'
import { type SerialTalk, withoutKernel } from './talk.ts'

/** A terminal takes lines of 4095 characters; so much base64 fits into one with what is around it. */
const CHUNK_BYTES = 1536
/** Counted from when a line has left. */
const ACK_MS = 3000
const TRIES = 8

/**
 * What the board is taught. Every answer is a line that begins and ends with a mark, so that one which the kernel broke into is known as
 * broken, and asked for again. $i names the command that ran last.
 */
const WORDS = [
  'D=${TMPDIR:-/tmp}/.otabench-$(id -u); umask 077; mkdir -p $D && [ -O $D ] || D=$(mktemp -d)',
  'otb_sum() { sha256sum <"$1" | cut -c 1-64; }',
  // takes a chunk: folder, number, base64
  `otb_c() { mkdir -p "$D/$1"; printf %s "$3" | base64 -d >"$D/$1/$2"; printf '\\nOTB:c:%s:%s:%s:\\n' "$1" "$2" "$(otb_sum "$D/$1/$2")"; }`,
  // lists chunks: folder, mark
  `otb_l() { for c in "$D/$1"/*; do [ -f "$c" ] && printf '\\nOTB:c:%s:%s:%s:\\n' "$1" "\${c##*/}" "$(otb_sum "$c")"; done; printf '\\nOTB:l:%s:\\n' "$2"; }`,
  // joins them: folder, count, target
  `otb_j() { n=0; while [ $n -lt $2 ]; do cat "$D/$1/$n" || break; n=$((n+1)); done >"$3" 2>"$D/e"; j=$?; printf '\\nOTB:j:%s:%s:%s:\\n' "$1" "$j" "$(otb_sum "$3" 2>/dev/null)"; }`,
  // says how the last one ended: mark
  `otb_r() { for f in o e; do n=0; base64 <$D/$f | while IFS= read -r x; do n=$((n+1)); printf '\\nOTB:%s:%s:%s:%s:%s:\\n' "$1" "$i" $f $n "$x"; done; done; printf '\\nOTB:%s:%s:r:%s:%s:%s:\\n' "$1" "$i" "$r" "$(otb_sum $D/o)" "$(otb_sum $D/e)"; }`,
] as const

/** A shell that was logged in to on a serial line, made to answer in lines that can be checked. */
export class SerialSession {
  readonly #talk: SerialTalk
  #count = 0

  constructor(talk: SerialTalk) {
    this.#talk = talk
  }

  /** Teaches the shell at its prompt. TOOL_MISSING where the board lacks what this needs. */
  async begin(signal: AbortSignal): Promise<void> {
    this.#talk.forget()
    // A shell that edits lines has the terminal in another mode until its line is taken: what comes earlier is not read as lines.
    const loop = `stty -echo -ixon 2>/dev/null; printf '\\nOTB:%s:\\n' go; while IFS= read -r l; do eval "$l"; done`
    await this.#talk.send(`${loop}\r`)
    if ((await this.#talk.until((heard) => /OTB:go:/.exec(heard), ACK_MS, signal)) === null)
      await this.#ask(`printf '\\nOTB:%s:\\n' again`, /OTB:again:/, signal)
    const mark = this.#mark()
    for (const line of WORDS) await this.#talk.send(`${line}\r`)
    const look = `m=; for n in base64 sha256sum cut id; do command -v $n >/dev/null || m="$m $n"; done; printf '\\nOTB:b:%s:%s:\\n' ${mark} "$m"`
    const found = await this.#ask(look, new RegExp(`OTB:b:${mark}:([^:\\n]*):`), signal)
    const lacking = found[1]?.trim() ?? ''
    if (lacking !== '')
      throw new AppError('TOOL_MISSING', `The board on ${this.#talk.line.path} lacks ${lacking}`, 'Provision it over SSH, or in its image.')
  }

  /** Gives the prompt back. */
  async end(): Promise<void> {
    await this.#talk.send('rm -rf "$D"; stty echo 2>/dev/null; break\r')
  }

  /** Stops what runs, and the session with it. */
  async interrupt(): Promise<void> {
    await this.#talk.send('\u0003\r')
  }

  async run(
    script: string,
    input: Uint8Array | null,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<ShellResult> {
    await this.put('$D/s', Buffer.from(script), { signal })
    if (input !== null) await this.put('$D/i', input, { signal })
    const id = this.#mark()
    this.#talk.forget()
    await this.#talk.send(`i=${id}; sh $D/s <${input === null ? '/dev/null' : '$D/i'} >$D/o 2>$D/e; r=$?; rm -f $D/s $D/i; otb_r ${id}a\r`)
    return this.#result(id, { signal, timeoutMs })
  }

  /** Takes a file over, in chunks that are there already when this was broken off before. DISK_FULL and others as the board says. */
  async put(
    path: string,
    content: Uint8Array,
    { signal, onProgress }: { signal: AbortSignal; onProgress?: (done: number) => void },
  ): Promise<void> {
    const name = sum(content).slice(0, 16)
    const chunks = Array.from({ length: Math.ceil(content.length / CHUNK_BYTES) }, (_, index) =>
      content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    )
    const there = chunks.length > 1 ? await this.#thereOf(name, signal) : new Map<number, string>()
    for (const [index, chunk] of chunks.entries()) {
      if (there.get(index) !== sum(chunk)) await this.#send({ name, index, chunk }, signal)
      onProgress?.(index * CHUNK_BYTES + chunk.length)
    }
    const found = await this.#ask(
      `otb_j ${name} ${chunks.length} ${inShell(path)}`,
      new RegExp(`OTB:j:${name}:(\\d+):([0-9a-f]*):`),
      signal,
    )
    if (found[2] !== sum(content))
      throw new AppError('DISK_FULL', `${path} does not arrive whole on ${this.#talk.line.path}`, 'Free some space in /tmp of the board.')
    await this.#talk.send(`rm -rf "$D/${name}"\r`)
  }

  async #thereOf(name: string, signal: AbortSignal): Promise<Map<number, string>> {
    const mark = this.#mark()
    this.#talk.forget()
    const found = await this.#ask(`otb_l ${name} ${mark}`, new RegExp(`([^]*)OTB:l:${mark}:`), signal)
    const lines = (found[1] ?? '').matchAll(new RegExp(`OTB:c:${name}:(\\d+):([0-9a-f]{64}):`, 'g'))
    return new Map(Array.from(lines, ([, index, digest]) => [Number(index), digest ?? '']))
  }

  async #send({ name, index, chunk }: { name: string; index: number; chunk: Uint8Array }, signal: AbortSignal): Promise<void> {
    const pattern = new RegExp(`OTB:c:${name}:${index}:([0-9a-f]{64}):`)
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const found = await this.#ask(`otb_c ${name} ${index} ${Buffer.from(chunk).toString('base64')}`, pattern, signal)
      if (found[1] === sum(chunk)) return
    }
    throw new AppError(
      'DISK_FULL',
      `A piece of ${chunk.length} bytes does not arrive on ${this.#talk.line.path}`,
      'Free some space in /tmp of the board.',
    )
  }

  /** Sends a line until its answer comes; both may be asked for again. */
  async #ask(line: string, pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      this.#talk.forget()
      await this.#talk.send(`${line}\r`)
      const found = await this.#talk.until((heard) => pattern.exec(withoutKernel(heard)) ?? pattern.exec(heard), ACK_MS, signal)
      if (found !== null) return found
    }
    throw new AppError(
      'DEVICE_UNREACHABLE',
      `The board on ${this.#talk.line.path} answers no more`,
      'Check its power and the cable, and run it again.',
    )
  }

  /** Waits for a command's end, then for what it said to be whole. */
  async #result(id: string, { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number }): Promise<ShellResult> {
    const end = performance.now() + timeoutMs
    const pieces = { o: new Map<number, string>(), e: new Map<number, string>() }
    for (let attempt = 0, waitMs = 2000; performance.now() < end; attempt++, waitMs = Math.min(60_000, waitMs * 2)) {
      const mark = `${id}${letterOf(attempt)}`
      const pattern = new RegExp(`OTB:${mark}:${id}:r:(\\d+):([0-9a-f]{64}):([0-9a-f]{64}):`)
      const found = await this.#talk.until((heard) => pattern.exec(heard), Math.min(waitMs, Math.max(1, end - performance.now())), signal)
      gather(this.#talk.heard, id, pieces)
      const [, code = '', o = '', e = ''] = found ?? []
      const [stdout, stderr] = [joined(pieces.o), joined(pieces.e)]
      if (found && sum(stdout) === o && sum(stderr) === e)
        return { exitCode: Number(code), stdout: stdout.toString(), stderr: stderr.toString() }
      // What came damaged is asked for again, all of it when something wrong is in it.
      if (found && attempt % 3 === 2) for (const map of [pieces.o, pieces.e]) map.clear()
      this.#talk.forget()
      await this.#talk.send(`otb_r ${id}${letterOf(attempt + 1)}\r`)
    }
    await this.interrupt()
    throw new AppError('INTERRUPTED', `A command on ${this.#talk.line.path} did not end within ${timeoutMs / 1000} s`, 'Give it more time.')
  }

  #mark(): string {
    this.#count += 1
    return `${this.#count}x${Math.trunc(performance.now()) % 100_000}`
  }
}

function letterOf(attempt: number): string {
  return String.fromCodePoint(97 + (attempt % 26))
}

/** Lines of both outputs that came whole; the first one of a number counts. */
function gather(heard: string, id: string, pieces: Record<'o' | 'e', Map<number, string>>): void {
  for (const text of [withoutKernel(heard), heard]) {
    for (const [, name, number, line] of text.matchAll(new RegExp(`OTB:${id}[a-z]:${id}:([oe]):(\\d+):([A-Za-z0-9+/=]+):\\n`, 'g'))) {
      const map = name === 'o' ? pieces.o : pieces.e
      if (!map.has(Number(number))) map.set(Number(number), line ?? '')
    }
  }
}

function joined(lines: ReadonlyMap<number, string>): Buffer {
  const text = [...lines]
    .toSorted(([a], [b]) => a - b)
    .map(([, line]) => line)
    .join('')
  return Buffer.from(text, 'base64')
}

function sum(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Paths of the session's own folder keep their variable. */
function inShell(path: string): string {
  return path.startsWith('$D/') ? `"${path}"` : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
