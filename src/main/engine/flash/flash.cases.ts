import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { EngineClient } from '../../cli/context.ts'
import { until } from '../../cli/live.ts'
import type { FlashRequest, FlashView, Lane } from '../../contract/flash.ts'
import { createEngine } from '../engine.ts'
import { nodeHost } from '../host.node.ts'

/** An engine that flashes, in a folder of its own. */
export interface FlashBench extends AsyncDisposable {
  client: EngineClient
  /** A path in the folder, beside the engine's. */
  file(name: string): string
  dataFolder: string
  /** Starts a flash and waits for its end. */
  flash(request: FlashRequest): Promise<FlashView>
  /** Waits until it is as wanted. */
  reached(id: string, isReached: (view: FlashView) => boolean): Promise<FlashView>
  /** Waits for its end. */
  ended(id: string): Promise<FlashView>
}

export async function openFlashBench(place?: string): Promise<FlashBench> {
  await using opening = new AsyncDisposableStack()
  const folder = place ?? (await mkdtemp(join(tmpdir(), 'otabench-flash-')))
  if (place === undefined) opening.defer(() => rm(folder, { recursive: true }))
  const dataFolder = join(folder, 'bench')
  const engine = await createEngine(nodeHost(), { dataFolder, http: null, https: null })
  opening.defer(() => engine.close())
  const client: EngineClient = createRouterClient(engine.router)
  const find = (views: readonly FlashView[], id: string) => views.find((view) => view.id === id)
  const reached: FlashBench['reached'] = async (id, isReached) => {
    const views = await until(client.flash.list(), (all) => {
      const view = find(all, id)
      return view !== undefined && isReached(view)
    })
    const view = find(views, id)
    if (!view) throw new Error('it has gone')
    return view
  }
  const ended = (id: string) => reached(id, (view) => view.lanes.every(hasEnded))
  const resources = opening.move()
  return {
    ...{ client, dataFolder, reached, ended },
    file: (name) => join(folder, name),
    flash: async (request) => ended((await client.flash.start(request)).id),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export function hasEnded({ state }: Lane): boolean {
  return !['waiting', 'running', 'paused'].includes(state)
}

/** Bytes that look like noise, the same for the same seed. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed
  for (let at = 0; at + 4 <= length; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state, at)
  }
  return bytes
}
