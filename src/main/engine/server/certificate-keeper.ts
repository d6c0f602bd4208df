import { X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { z } from 'zod'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { ServerCertificate } from '../../contract/server.ts'
import type { Host } from '../host.ts'
import type { Store } from '../store/open.ts'
import { type Certificate, type CertificateChoice, openCertificate } from './certificate.ts'

const LOOK_EVERY_MS = 60_000
const GIVEN = 'server.certificate'
const givenFiles = z.object({ certFile: z.string(), keyFile: z.string() })

interface KeeperParts {
  host: Host
  store: Store
  /** Where the bench keeps its own. */
  folder: string
  /** What was named when the server was started; it goes before what is set while it runs. */
  fixed: CertificateChoice
}

/** Holds the certificate that the https listener shows: renews it before it ends, looks at given files again, and changes it on demand. */
export class CertificateKeeper {
  /** null until there is an https listener. */
  current: Certificate | null = null
  /** Told of each other certificate. */
  onChange: (certificate: Certificate) => void = () => undefined
  readonly #parts: KeeperParts
  #problem = ''
  /** Resolves when whoever looks at the files, or changes what is shown, has done so. */
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  get clientCaFile(): string | null {
    return this.#parts.fixed.clientCaFile ?? null
  }

  /** What is shown now, for whoever looks at it; null without https. */
  facts(): ServerCertificate | null {
    const { current } = this
    if (!current) return null
    const isOwn = current.caPem !== null
    const read = new X509Certificate(current.cert)
    return {
      isOwn,
      subject: oneLine(read.subject),
      issuer: oneLine(read.issuer),
      names: (read.subjectAltName ?? '').split(', ').flatMap((name) => (name === '' ? [] : [plainName(name)])),
      fingerprint: read.fingerprint256.replaceAll(':', '').toLowerCase(),
      validFrom: Date.parse(read.validFrom),
      expiresAt: current.expiresAt,
      certFile: isOwn ? null : (this.#choice().given?.certFile ?? null),
      isFixed: this.#parts.fixed.given !== undefined,
      problem: this.#problem,
    }
  }

  /** Opens what is to be shown. One that was set while the server ran and will not do any more must not keep it from starting. */
  async open(): Promise<Certificate> {
    try {
      this.current = await this.#read()
    } catch (thrown) {
      if (this.#parts.fixed.given || !this.#choice().given) throw thrown
      this.#problem = toAppError(thrown).message
      this.current = await openCertificate({ ...this.#place(), choice: { clientCaFile: this.#parts.fixed.clientCaFile } })
    }
    return this.current
  }

  /** CONFLICT while a certificate of another authority is shown. */
  renew(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#choice().given)
        throw new AppError('CONFLICT', 'The certificate is one of another authority', 'Renew it there, and put the new one into its files.')
      this.#show(await this.#read(true))
    })
  }

  /** Shows these files from now on, or with null one of the bench's own. BAD_INPUT says what is wrong with them; what was shown then stays. */
  use(given: { certFile: string; keyFile: string } | null): Promise<void> {
    const { fixed, store } = this.#parts
    return this.#inTurn(async () => {
      if (fixed.given)
        throw new AppError('CONFLICT', `The server was started with ${fixed.given.certFile}`, 'Start it without --cert and --key.')
      const found = await openCertificate({ ...this.#place(), choice: { ...fixed, given: given ?? undefined } })
      store.settings.set(GIVEN, given)
      this.#show(found)
    })
  }

  /**
   * Looks again every minute until the signal aborts: one that ends soon is renewed, one that was replaced is shown, a new address of
   * this machine gets into it. What is wrong with the files is told once; what was shown stays.
   */
  async watch(onDefect: (error: AppError) => void, signal: AbortSignal): Promise<void> {
    for (;;) {
      // The only way out of this sleep is the abort that the next line looks for.
      await this.#parts.host.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#inTurn(async () => this.#show(await this.#read()))
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.message !== this.#problem) onDefect(error)
        this.#problem = error.message
        this.#parts.store.changes.settings.bump()
      }
    }
  }

  /** One after the other: what was read before a change would else be shown after it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }

  #show(found: Certificate): void {
    const last = this.current
    const hadProblem = this.#problem !== ''
    this.#problem = ''
    if (last?.cert === found.cert && last.listener.ca === found.listener.ca && !hadProblem) return
    this.current = found
    this.onChange(found)
    this.#parts.store.changes.settings.bump()
  }

  #read(isRenewal = false): Promise<Certificate> {
    return openCertificate({ ...this.#place(), choice: this.#choice(), isRenewal })
  }

  #place(): Pick<KeeperParts, 'host' | 'folder'> {
    const { host, folder } = this.#parts
    return { host, folder }
  }

  #choice(): CertificateChoice {
    const { fixed, store } = this.#parts
    return fixed.given ? fixed : { ...fixed, given: store.settings.get(GIVEN, givenFiles.nullable()) ?? undefined }
  }
}

/** An alternative name without its kind, an address of IPv6 in its short form. */
function plainName(name: string): string {
  const text = name.replace(/^(DNS|IP Address):/, '')
  return isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text
}

/** A name of a certificate as openssl prints it on one line. */
function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
