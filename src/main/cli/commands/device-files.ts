import { openAsBlob } from 'node:fs'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import { replaceFile } from '../../engine/lib/file-streams.ts'
import type { CliContext, EngineSession } from '../context.ts'
import { findDevice } from './find-device.ts'

interface RemotePath {
  device: string
  path: string
}

/** `otabench devices cp`: a file from a device or to one, over the connection of its mender-connect. */
export async function copyDeviceFile(from: string, to: string, context: CliContext): Promise<void> {
  const [source, target] = [remotePath(from), remotePath(to)]
  if ((source === null) === (target === null))
    throw new AppError('BAD_INPUT', 'One of the two is on a device, the other on this machine', 'Write the one as DEVICE:/PATH.')
  await using session = await context.openEngine()
  if (source) await download(source, to, { session, context })
  else if (target) await upload(from, target, { session, context })
}

/** DEVICE:/PATH; null for a path of this machine. A name may hold colons, as an address does. */
function remotePath(text: string): RemotePath | null {
  const at = text.indexOf(':/')
  return at > 0 ? { device: text.slice(0, at), path: text.slice(at + 1) } : null
}

interface Work {
  session: EngineSession
  context: CliContext
}

async function request({ client, request: ask }: EngineSession, { device, path }: RemotePath): Promise<Asked> {
  if (!ask) throw new AppError('BAD_INPUT', 'Only a running server has connections to devices', 'Name it with --server URL --token TOKEN.')
  const { id } = await findDevice(client, device)
  return { ask, url: `/api/management/v1/deviceconnect/devices/${encodeURIComponent(id)}`, path }
}

interface Asked {
  ask: NonNullable<EngineSession['request']>
  url: string
  path: string
}

async function download(source: RemotePath, to: string, { session, context }: Work): Promise<void> {
  const { ask, url, path } = await request(session, source)
  const response = await ask(`${url}/download?path=${encodeURIComponent(path)}`, { signal: context.signal })
  if (!response.ok || !response.body) throw await refusalOf(response)
  const total = Number(response.headers.get('x-men-file-size'))
  const mode = Number.parseInt(response.headers.get('x-men-file-mode') ?? '644', 8)
  const target = await targetOf(resolve(context.cwd, to), basename(path), context)
  const { files } = context.host
  let position = 0
  await replaceFile(files, target, async (file) => {
    await files.setMode(file.path, mode)
    for await (const chunk of response.body ?? []) {
      await file.write(chunk, position)
      position += chunk.length
      context.out.progress(position, total, 'bytes')
    }
  })
  context.out.result({ path: target, sizeBytes: position }, target)
}

/** A folder keeps the name of the file. */
async function targetOf(path: string, name: string, { host }: CliContext): Promise<string> {
  return (await host.files.stat(path))?.kind === 'folder' ? `${path}/${name}` : path
}

async function upload(from: string, target: RemotePath, { session, context }: Work): Promise<void> {
  const file = resolve(context.cwd, from)
  const stat = await context.host.files.stat(file)
  if (stat?.kind !== 'file') throw new AppError('NOT_FOUND', `There is no file ${file}`, 'Check the path.')
  const { ask, url, path } = await request(session, target)
  const form = new FormData()
  form.set('path', path)
  form.set('mode', (stat.mode & 0o777).toString(8))
  form.set('file', await openAsBlob(file), basename(file))
  const response = await ask(`${url}/upload`, { method: 'PUT', body: form, signal: context.signal })
  if (!response.ok) throw await refusalOf(response)
  context.out.result({ path, sizeBytes: stat.sizeBytes }, `${target.device}:${path}`)
}

const problem = z.object({ error: z.string() })
const CODES: Partial<Record<number, ErrorCode>> = { 400: 'BAD_INPUT', 403: 'PERMISSION', 404: 'NOT_FOUND', 409: 'DEVICE_UNREACHABLE' }

async function refusalOf(response: Response): Promise<AppError> {
  const said = problem.safeParse(await response.json().catch(() => null)).data?.error
  return new AppError(CODES[response.status] ?? 'INTERNAL', said ?? `HTTP status ${response.status}`)
}
