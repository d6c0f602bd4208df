import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { writeAtomic } from '../lib/file-streams.ts'

/** A package as apt would fetch it. */
export interface OfferedPackage {
  name: string
  version: string
  /** As apt names its file. */
  file: string
  sizeBytes: number
  sha256: string
}

interface AptOptions {
  host: Pick<Host, 'files' | 'programs'>
  /** Of this apt's own state, absolute; made when it is not there. */
  folder: string
  architecture: string
  signal: AbortSignal
}

/** Debian keeps its own sources here; other sources of a machine seldom have other architectures. */
const DEBIAN_SOURCES = '/etc/apt/sources.list.d/debian.sources'

const OFFLINE_HINT = 'Connect this machine to its package sources once: what was fetched is kept.'

/**
 * apt with a state of its own: it knows the machine's package sources, proxies and keys, and nothing of what is installed; so it needs no
 * root, and fetches packages of any architecture.
 */
export class Apt {
  readonly #options: AptOptions
  readonly #configuration: string

  private constructor(options: AptOptions) {
    this.#options = options
    this.#configuration = join(options.folder, 'apt.conf')
  }

  /** Learns what the sources offer. TOOL_MISSING where there is no apt; NOT_FOUND where the sources are out of reach. */
  static async open(options: AptOptions): Promise<Apt> {
    const { files, programs } = options.host
    if ((await programs.find('apt-get')) === null)
      throw new AppError(
        'TOOL_MISSING',
        'The program apt-get is not installed: virtual boards are made of packages that it fetches',
        'Make boards on Debian 12, or copy the folder of packages from a bench that has them.',
      )
    const apt = new Apt(options)
    for (const name of ['lists/partial', 'cache/archives/partial']) await files.makeFolder(join(options.folder, name))
    await writeAtomic(files, join(options.folder, 'status'), new Uint8Array())
    const hasDebian = (await files.stat(DEBIAN_SOURCES)) !== null
    await writeAtomic(files, apt.#configuration, Buffer.from(configuration(options, hasDebian)))
    await apt.#run('apt-get', ['update', '-qq'], OFFLINE_HINT)
    return apt
  }

  /** The package of that name that a package depends on. */
  async dependency(name: string, startsWith: string): Promise<string> {
    const text = await this.#run('apt-cache', ['show', '--no-all-versions', name])
    const depends = /^Depends: (.*)$/m.exec(text)?.[1]?.split(/[ ,|]+/) ?? []
    const found = depends.find((each) => each.startsWith(startsWith))
    if (found !== undefined) return found
    throw new AppError('NOT_FOUND', `${name} depends on no ${startsWith}…`, SOURCES_HINT)
  }

  /** What there is of these packages. NOT_FOUND names one that the sources have not. */
  async offered(names: readonly string[]): Promise<OfferedPackage[]> {
    const text = await this.#run('apt-get', ['--print-uris', '-qq', 'download', ...names])
    const offers = text.split('\n').flatMap((line) => {
      const [, file = '', size, sha256 = ''] = /^'[^']+' (\S+) (\d+) SHA256:([\da-f]{64})$/.exec(line.trim()) ?? []
      const [name = '', version = ''] = file.split('_').map((part) => decodeURIComponent(part))
      return size === undefined ? [] : [{ name, version, file, sizeBytes: Number(size), sha256 }]
    })
    const lacking = names.find((name) => !offers.some((offer) => offer.name === name))
    if (lacking === undefined) return offers
    throw new AppError('NOT_FOUND', `The package sources of this machine offer no ${lacking}`, SOURCES_HINT)
  }

  /** Fetches packages into a folder, checked by apt against its signed lists. */
  async fetch(packages: readonly OfferedPackage[], into: string, onProgress: (doneBytes: number) => void): Promise<void> {
    const { programs } = this.#options.host
    const words = [
      ...this.#words(),
      '-qq',
      '-o',
      'APT::Status-Fd=1',
      'download',
      ...packages.map(({ name, version }) => `${name}=${version}`),
    ]
    const running = programs.start('apt-get', words, { cwd: into, signal: this.#options.signal })
    const totalBytes = packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    for await (const chunk of running.output) {
      const [, percent] = [...new TextDecoder().decode(chunk).matchAll(/^dlstatus:\d+:([\d.]+):/gm)].at(-1) ?? []
      if (percent !== undefined) onProgress(Math.round((totalBytes * Number(percent)) / 100))
    }
    const { exitCode, stderr } = await running.ended
    if (exitCode !== 0) throw failed(stderr, OFFLINE_HINT)
  }

  #words(): string[] {
    return ['-c', this.#configuration]
  }

  async #run(program: string, words: readonly string[], hint = SOURCES_HINT): Promise<string> {
    const { signal, host } = this.#options
    const { exitCode, stdout, stderr } = await host.programs.run(program, [...this.#words(), ...words], { signal })
    if (exitCode !== 0) throw failed(stderr, hint)
    return stdout
  }
}

const SOURCES_HINT = `They should be those of Debian 12, in ${DEBIAN_SOURCES}.`

function failed(stderr: string, hint: string): AppError {
  const said = stderr.split('\n').find((line) => /^[EW]: /.test(line)) ?? stderr.trim()
  return new AppError('NOT_FOUND', `The packages of virtual boards cannot be fetched: ${said.replace(/^[EW]: /, '').trim()}`, hint)
}

/** Hooks are the machine's own: they clean up after its own apt. */
function configuration({ folder, architecture }: AptOptions, hasDebian: boolean): string {
  return [
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear APT::Architectures;',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Sandbox::User "";',
    'APT::Update::Error-Mode "any";',
    'Acquire::Languages "none";',
    'Acquire::Retries "1";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    `Dir::State "${folder}";`,
    `Dir::State::lists "${folder}/lists";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    ...(hasDebian ? [`Dir::Etc::sourcelist "${DEBIAN_SOURCES}";`, 'Dir::Etc::sourceparts "/dev/null";'] : []),
    '',
  ].join('\n')
}
