import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import { expect } from '@playwright/test'
import { test } from './journey.ts'

/** A server that anybody may ask from any page, and that counts who did. */
async function openServer(): Promise<{ server: Server; url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*').end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, asked, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/` }
}

test('the page has no Node, and opens no window', async ({ app }) => {
  const found = await app.page.evaluate(() => ({
    require: typeof Reflect.get(globalThis, 'require'),
    process: typeof Reflect.get(globalThis, 'process'),
    opened: window.open('https://example.org') === null,
  }))
  expect(found).toEqual({ require: 'undefined', process: 'undefined', opened: true })
})

test('the page asks nobody but its engine, not even a server that would answer', async ({ app }) => {
  const { server, url, asked } = await openServer()
  try {
    expect(await (await fetch(url)).text()).toBe('hello')
    const outcome = await app.page.evaluate(async (target) => {
      const load = async (): Promise<string> => (await fetch(target)).text()
      const picture = new Promise<string>((resolve) => {
        const image = new Image()
        image.addEventListener('load', () => resolve('loaded'))
        image.addEventListener('error', () => resolve('refused'))
        image.src = `${target}picture`
      })
      return [await load().catch(() => 'refused'), await picture]
    }, url)
    expect(outcome).toEqual(['refused', 'refused'])
    expect(asked).toEqual(['/'])
  } finally {
    server.close()
  }
})

test('the page runs no script but its own files', async ({ app }) => {
  await app.page.getByText('Server running').waitFor()
  const found = await app.page.evaluate(async () => {
    const refused = new Promise<string>((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
    })
    const script = document.createElement('script')
    script.textContent = 'document.documentElement.dataset.taken = "yes"'
    document.head.append(script)
    return { directive: await refused, taken: document.documentElement.dataset['taken'] ?? 'no' }
  })
  expect(found).toEqual({ directive: 'script-src-elem', taken: 'no' })
})

test('the window cannot be led away, not even to a server that would answer', async ({ app }) => {
  const { server, url, asked } = await openServer()
  try {
    await app.page.getByText('Server running').waitFor()
    await app.page.evaluate((target) => {
      window.location.href = target
    }, url)
    // The window's own word: Playwright waits for a navigation that never ends.
    const seen = await app.electron.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return { place: contents?.getURL(), text: String(await contents?.executeJavaScript('document.body.innerText')) }
    })
    expect(seen).toEqual({ place: 'app://bench/index.html?language=en', text: expect.stringContaining('Server running') })
    expect(asked).toEqual([])
  } finally {
    server.close()
  }
})
