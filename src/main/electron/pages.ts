import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { app, protocol, type Session, session } from 'electron'

const ORIGIN = 'app://bench'
export const PAGE_URL = `${ORIGIN}/index.html`

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Before the app is ready: the pages have a scheme of their own, so that they have an origin. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built pages under app://, and nothing else to anyone: no other request leaves the window, no permission is given. */
export function servePages(folder: string, developmentUrl: string | undefined): (url: string) => boolean {
  const development = developmentUrl === undefined ? null : new URL(developmentUrl).host
  const isOurs = (url: string): boolean => url.startsWith(`${ORIGIN}/`) || (development !== null && new URL(url).host === development)
  protocol.handle('app', (request) => serve(folder, request))
  confine(session.defaultSession, (url) => isOurs(url) || url.startsWith('devtools:'))
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => {
      if (event.url !== contents.getURL()) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
  return isOurs
}

function confine(of: Session, mayLoad: (url: string) => boolean): void {
  of.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }))
  const mayHave = (permission: string): boolean => permission === 'clipboard-sanitized-write'
  of.setPermissionRequestHandler((_contents, permission, answer) => answer(mayHave(permission)))
  of.setPermissionCheckHandler((_contents, permission) => mayHave(permission))
}

async function serve(folder: string, request: Request): Promise<Response> {
  const { host, pathname } = new URL(request.url)
  const file = normalize(join(folder, decodeURIComponent(pathname)))
  const type = TYPES[extname(file)]
  if (host !== 'bench' || !file.startsWith(folder + sep) || type === undefined) return new Response('Not found', { status: 404 })
  try {
    const bytes = await readFile(file)
    if (!type.startsWith('text/html')) return new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    const nonce = randomBytes(16).toString('base64')
    const headers = { 'content-type': type, 'content-security-policy': policy(nonce), 'cache-control': 'no-store' }
    return new Response(bytes.toString('utf8').replaceAll('{nonce}', nonce), { headers })
  } catch {
    return new Response('Not found', { status: 404 })
  }
}

/** Scripts and fonts are the app's own files; the style sheet that the kit writes at run time carries the page's nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
