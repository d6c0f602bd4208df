import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { EngineClient } from '../../cli/context.ts'
import { until } from '../../cli/live.ts'
import { AppError } from '../../contract/errors.ts'
import type { FlashRequest, FlashView, Lane } from '../../contract/flash.ts'
import { createEngine } from '../engine.ts'
import type { Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'

/** An engine that flashes, in a folder of its own. */
export interface FlashBench extends AsyncDisposable {
  client: EngineClient
  /** A path in the folder, beside the engine's. */
  file(name: string): string
  dataFolder: string
  /** Starts a flash and waits for its end. */
  flash(request: FlashRequest): Promise<FlashView>
  /** Waits until it is as wanted; fails when it ends without having been. */
  reached(id: string, isReached: (view: FlashView) => boolean): Promise<FlashView>
  /** Waits for its end. */
  ended(id: string): Promise<FlashView>
}

export async function openFlashBench(place?: string, host = nodeHost()): Promise<FlashBench> {
  await using opening = new AsyncDisposableStack()
  const folder = place ?? (await mkdtemp(join(tmpdir(), 'otabench-flash-')))
  if (place === undefined) opening.defer(() => rm(folder, { recursive: true }))
  const dataFolder = join(folder, 'bench')
  const engine = await createEngine(host, { dataFolder, http: null, https: null })
  opening.defer(() => engine.close())
  const client: EngineClient = createRouterClient(engine.router)
  const find = (views: readonly FlashView[], id: string) => views.find((view) => view.id === id)
  const reached: FlashBench['reached'] = async (id, isReached) => {
    const views = await until(client.flash.list(), (all) => {
      const view = find(all, id)
      return view !== undefined && (isReached(view) || (view.isSummed && view.lanes.every(hasEnded)))
    })
    const view = find(views, id)
    if (!view) throw new Error('it has gone')
    if (!isReached(view)) throw new Error('it has ended, and was never seen so')
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

/** No reader of an image asks for so much at once, but for who reads all of it. */
const WHOLE_BYTES = 256 * 1024

/** This machine, on which nobody comes to the end of a file until it is let go. */
export function withHeldFile(path: string): { host: Host; letGo(): void } {
  const host = nodeHost()
  const held = Promise.withResolvers<void>()
  const open: Host['files']['open'] = async (name, mode) => {
    const file = await host.files.open(name, mode)
    if (name !== path) return file
    const read = async (into: Uint8Array, position: number): Promise<number> => {
      if (into.length >= WHOLE_BYTES) await held.promise
      return file.read(into, position)
    }
    return {
      ...{ path, read, write: file.write.bind(file), truncate: file.truncate.bind(file), sync: file.sync.bind(file) },
      sizeBytes: () => file.sizeBytes(),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    }
  }
  return { host: { ...host, files: { ...host.files, open } }, letGo: held.resolve }
}

/** This machine `aheadMs` ahead of its time, and how often its engine has read a large piece of a file. */
export function withReadsOf(path: string, aheadMs: number): { host: Host; takeCount(): number } {
  const host = nodeHost()
  let count = 0
  const open: Host['files']['open'] = async (name, mode, permissions) => {
    const file = await host.files.open(name, mode, permissions)
    const read = file.read.bind(file)
    if (name === path)
      file.read = (into, position) => {
        if (into.length >= WHOLE_BYTES) count += 1
        return read(into, position)
      }
    return file
  }
  const takeCount = (): number => {
    const taken = count
    count = 0
    return taken
  }
  return { host: { ...host, files: { ...host.files, open }, clock: { ...host.clock, now: () => host.clock.now() + aheadMs } }, takeCount }
}

/** This machine, on which a file that replaces another takes its time: in which order those and the starts of writers came. */
export function withSlowRecords(): { host: Host; order: ('record' | 'writer')[] } {
  const host = nodeHost()
  const order: ('record' | 'writer')[] = []
  const rename: Host['files']['rename'] = async (from, to) => {
    await host.clock.sleep(300, new AbortController().signal)
    await host.files.rename(from, to)
    if (to.endsWith('.json')) order.push('record')
  }
  const start: Host['programs']['start'] = (...args) => {
    order.push('writer')
    return host.programs.start(...args)
  }
  return { host: { ...host, files: { ...host.files, rename }, programs: { ...host.programs, start } }, order }
}

/** This machine, whose disk has no room for another file in this folder. */
export function withFullFolder(folder: string): Host {
  const host = nodeHost()
  const open: Host['files']['open'] = (path, mode, permissions) =>
    mode !== 'read' && path.startsWith(folder)
      ? Promise.reject(new AppError('DISK_FULL', `Cannot open ${path}: ENOSPC`))
      : host.files.open(path, mode, permissions)
  return { ...host, files: { ...host.files, open } }
}

/** This machine without some of its programs. */
export function withoutPrograms(...names: readonly string[]): Host {
  const host = nodeHost()
  const find: Host['programs']['find'] = (name) => (names.includes(name) ? Promise.resolve(null) : host.programs.find(name))
  return { ...host, programs: { ...host.programs, find } }
}

/** This machine, on which a shell does this in place of a program. */
export function withShellAs(name: string, script: string): Host {
  const host = nodeHost()
  const start: Host['programs']['start'] = (other, args, options) =>
    other === name ? host.programs.start('sh', ['-c', script], options) : host.programs.start(other, args, options)
  return { ...host, programs: { ...host.programs, start } }
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
