import { t } from '@lingui/core/macro'
import { AppError, CODE_HEADER, ERROR_CODES, type ErrorCode } from '@contract/errors.ts'
import { z } from 'zod'
import { create } from 'zustand'

/** A file on its way from this browser to the engine's machine. */
export interface Upload {
  id: number
  name: string
  /** Of that machine; null on its way into the library. */
  folder: string | null
  doneBytes: number
  totalBytes: number
  cancel: () => void
}

/** The uploads of this page: they are the window's own, and end with it. */
export const useUploads = create<{ uploads: readonly Upload[] }>(() => ({ uploads: [] }))

const ARTIFACTS = '/api/management/v1/deployments/artifacts'

/** What the server means by the status of an upload that it did not take. */
const REFUSALS: Readonly<Record<number, { code: ErrorCode; hint: string }>> = {
  0: { code: 'DEVICE_UNREACHABLE', hint: t`See whether the server still runs, and try again.` },
  400: { code: 'ARTIFACT_INVALID', hint: t`Check the file with otabench artifact validate.` },
  401: { code: 'LOGIN_REFUSED', hint: t`Log in again.` },
  409: { code: 'CONFLICT', hint: t`Give the artifact another name, or remove that one.` },
  507: { code: 'DISK_FULL', hint: t`Free some space on the disk of the server and try again.` },
}

const EXPANDS = { code: 'EXPANSION_LIMIT', hint: '' } as const

/** Sends a `.mender` file by the management API, as other programs do; answers the artifact's id. */
export async function uploadArtifact(file: File, { allowExpansion }: { allowExpansion: boolean }): Promise<string> {
  const body = new FormData()
  body.set('artifact', file, file.name)
  const url = allowExpansion ? `${ARTIFACTS}?allow_expansion=true` : ARTIFACTS
  const request = await send({ file, folder: null, method: 'POST', url, body })
  if (request.status !== 201) throw refused(file.name, request)
  return request.getResponseHeader('location')?.split('/').at(-1) ?? ''
}

interface Target {
  folder: string
  name: string
  /** It may take the place of a file. */
  isReplacing: boolean
}

const taken = z.object({ path: z.string() })

/** Sends a file into a folder of the machine of the bench, where that is shared; answers its path. */
export async function uploadFile(file: File, { folder, name, isReplacing }: Target): Promise<string> {
  const query = new URLSearchParams({ folder, name, replace: String(isReplacing) })
  const request = await send({ file, folder, method: 'PUT', url: `/ui/upload?${query.toString()}`, body: file })
  if (request.status === 201) return taken.parse(JSON.parse(request.responseText)).path
  if (request.status === 0)
    throw new AppError(
      'DEVICE_UNREACHABLE',
      t`${name} could not be sent`,
      t`See whether it can be read and the server still runs, and try again.`,
    )
  const code = ERROR_CODES.find((each) => each === request.getResponseHeader(CODE_HEADER)) ?? 'INTERNAL'
  throw new AppError(code, sentenceOf(request))
}

interface Sending extends Pick<Upload, 'folder'> {
  file: File
  method: 'POST' | 'PUT'
  url: string
  body: FormData | File
}

/** Answers the request when it has been answered, or could not be sent: with status 0. CANCELLED. */
function send({ file: { name, size }, folder, method, url, body }: Sending): Promise<XMLHttpRequest> {
  const request = new XMLHttpRequest()
  const id = 1 + Math.max(0, ...useUploads.getState().uploads.map((each) => each.id))
  const change = (uploads: (all: readonly Upload[]) => readonly Upload[]): void =>
    useUploads.setState((state) => ({ uploads: uploads(state.uploads) }))
  change((all) => [...all, { id, name, folder, doneBytes: 0, totalBytes: size, cancel: () => request.abort() }])
  // Only a request of this kind tells how much of it has been sent.
  request.upload.addEventListener('progress', ({ loaded }) =>
    change((all) => all.map((each) => (each.id === id ? { ...each, doneBytes: Math.min(loaded, size) } : each))),
  )
  const sent = new Promise<XMLHttpRequest>((resolve, reject) => {
    request.addEventListener('load', () => resolve(request))
    request.addEventListener('error', () => resolve(request))
    request.addEventListener('abort', () => reject(new AppError('CANCELLED', t`The upload of ${name} was cancelled`)))
  })
  request.open(method, url)
  request.send(body)
  return sent.finally(() => change((all) => all.filter((each) => each.id !== id)))
}

/** What the server says of a refusal, with what to do about it. */
function sentenceOf({ status, responseText }: XMLHttpRequest): string {
  return /"error": ?"((?:[^"\\]|\\.)*)"/.exec(responseText)?.[1] ?? t`HTTP status ${status}`
}

function refused(name: string, request: XMLHttpRequest): AppError {
  const isBomb = request.getResponseHeader(CODE_HEADER) === 'EXPANSION_LIMIT'
  const { code, hint } = isBomb ? EXPANDS : (REFUSALS[request.status] ?? { code: 'INTERNAL', hint: t`See what the server says.` })
  return new AppError(code, `${name}: ${sentenceOf(request)}`, hint)
}

/** Lets the browser save an artifact: by a link that the server signs, since a download carries no token. */
export async function downloadArtifact(id: string, name: string): Promise<void> {
  const response = await fetch(`${ARTIFACTS}/${encodeURIComponent(id)}/download`)
  const answer: unknown = await response.json()
  if (!response.ok || typeof answer !== 'object' || answer === null || !('uri' in answer))
    throw new AppError('NOT_FOUND', t`${name} cannot be downloaded (HTTP status ${response.status})`, t`It may have been removed.`)
  const link = document.createElement('a')
  link.href = String(answer.uri)
  link.download = `${name}.mender`
  link.click()
}
