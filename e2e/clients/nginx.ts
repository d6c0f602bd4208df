import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/main/engine/lib/free-port.cases.ts'
import { eventually, run } from './bench-process.ts'

const SHIPPED = join(import.meta.dirname, '../../resources/deploy/nginx.conf')

/** The values of the shipped configuration that a person has to replace, each of which has to be there. */
function filledIn(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((filled, [placeholder, value]) => {
    if (!filled.includes(placeholder)) throw new Error(`resources/deploy/nginx.conf does not say "${placeholder}" any more`)
    return filled.replaceAll(placeholder, value)
  }, text)
}

/** Debian's nginx in front of a bench, with the configuration that is shipped and a certificate of an authority of its own. */
export class Nginx implements AsyncDisposable {
  readonly folder: string
  readonly url: string
  readonly #child: ChildProcess

  private constructor(folder: string, url: string, child: ChildProcess) {
    this.folder = folder
    this.url = url
    this.#child = child
  }

  static async start(bench: string): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-nginx-'))
    await mkdir(join(folder, 'temporary'))
    await makeCertificate(folder)
    const port = await freePort()
    const site = filledIn(await readFile(SHIPPED, 'utf8'), {
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      '127.0.0.1:8080': new URL(bench).host,
      'bench.example.org': '127.0.0.1',
      '/etc/nginx/tls/': `${folder}/`,
    })
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/temporary/${kind};`)
    const settings = `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events {} http { access_log off; ${temporary.join(' ')}`
    await writeFile(join(folder, 'nginx.conf'), `${settings}\n${site}\n}\n`)
    const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'inherit', 'inherit'] })
    const nginx = new Nginx(folder, `https://127.0.0.1:${port}`, child)
    await eventually('nginx to answer', () => run('curl', ['-sf', '--cacert', nginx.caFile, `${nginx.url}/healthz`]).catch(() => null))
    return nginx
  }

  get caFile(): string {
    return join(this.folder, 'ca.pem')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    await rm(this.folder, { recursive: true })
  }
}

async function makeCertificate(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await writeFile(at('san'), 'subjectAltName=IP:127.0.0.1')
  await run('openssl', ['req', '-x509', ...key, '-subj', '/CN=lab', '-days', '2', '-keyout', at('ca.key'), '-out', at('ca.pem')])
  await run('openssl', ['req', ...key, '-subj', '/CN=bench', '-keyout', at('bench.key'), '-out', at('bench.csr')])
  const issuer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('san')]
  await run('openssl', ['x509', '-req', '-in', at('bench.csr'), ...issuer, '-out', at('bench.pem')])
}
