import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { appArguments, appEnvironment } from '../../app-window.ts'
import { electronBinary } from '../../electron-runtime.ts'
import { treeOf } from './tree.ts'

/** Times are those of `Date.now()`. */
export interface AppStart extends AsyncDisposable {
  beganAt: number
  paintedAt: number
  /** A click on the first card has shown what is known of its device. */
  usableAt: number
  /** Ids of its processes. */
  engine: number
  page: number
}

const LOOK_MS = 20

/** In the page: clicks the first card as soon as it is there, and answers when that has been drawn. */
const CLICK_FIRST_CARD = `new Promise((resolve) => {
  let isClicked = false
  const look = () => {
    const card = document.querySelector('article button')
    if (card && !isClicked) card.click()
    isClicked ||= card !== null
    if (!isClicked || !document.querySelector('aside')) return
    watch.disconnect()
    const paint = performance.getEntriesByName('first-contentful-paint')[0].startTime
    const answer = () => resolve(JSON.stringify({ paintedAt: performance.timeOrigin + paint, usableAt: Date.now() }))
    requestAnimationFrame(() => setTimeout(answer))
  }
  const watch = new MutationObserver(look)
  watch.observe(document, { subtree: true, childList: true })
  look()
})`

const clicked = z.object({ paintedAt: z.number(), usableAt: z.number() })
const targets = z.array(z.object({ url: z.string(), webSocketDebuggerUrl: z.string() }))
const evaluated = z.object({ result: z.object({ result: z.object({ value: z.string() }) }) })

/** Starts the built app as a person does, whom nothing holds up: it is watched from outside alone, through Chromium's own protocol. */
export async function startApp(folder: string, display: string | undefined): Promise<AppStart> {
  const binary = await electronBinary()
  const beganAt = Date.now()
  // Chromium's sandbox refuses to run as root.
  const args = [...appArguments(folder), '--remote-debugging-port=0', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  const app = spawn(binary, args, { env: appEnvironment(display), stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(app, 'exit')
  const stop = async (): Promise<void> => {
    app.kill()
    await ended
  }
  try {
    const times = await clickFirstCard(await pageOf(app))
    const [engine, page] = [await processOf(app, 'engine.js'), await processOf(app, '--type=renderer')]
    return { beganAt, ...times, engine, page, [Symbol.asyncDispose]: stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

/** The address under which the page can be asked. */
async function pageOf(app: ChildProcess): Promise<string> {
  const port = await debuggingPort(app)
  for (;;) {
    const found = targets.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json())
    const page = found.find(({ url }) => url.startsWith('app:'))
    if (page) return page.webSocketDebuggerUrl
    await sleep(LOOK_MS)
  }
}

async function debuggingPort({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('The app has no standard error')
  for await (const line of createInterface({ input: stderr })) {
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return port
  }
  throw new Error('The app has ended')
}

async function clickFirstCard(page: string): Promise<z.infer<typeof clicked>> {
  const socket = new WebSocket(page)
  await once(socket, 'open')
  for (let id = 1; ; id += 1) {
    const answered = once(socket, 'message')
    socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression: CLICK_FIRST_CARD, awaitPromise: true } }))
    const [answer]: unknown[] = await answered
    // What was asked while the window had its first, empty page is not answered.
    const { data } = evaluated.safeParse(JSON.parse(String(answer)))
    if (data) {
      socket.close()
      return clicked.parse(JSON.parse(data.result.result.value))
    }
    await sleep(LOOK_MS)
  }
}

async function processOf({ pid = 0 }: ChildProcess, text: string): Promise<number> {
  for (const id of treeOf(pid)) if ((await readFile(`/proc/${id}/cmdline`, 'utf8')).includes(text)) return id
  throw new Error(`The app has no process with ${text}`)
}
