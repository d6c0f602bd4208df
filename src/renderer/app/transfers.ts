import { t } from '@lingui/core/macro'
import { AppError, CODE_HEADER, type ErrorCode } from '@contract/errors.ts'
import { create } from 'zustand'

/** A file on its way from this browser to the engine's machine. */
export interface Upload {
  id: number
  name: string
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
export function uploadArtifact(file: File, { allowExpansion }: { allowExpansion: boolean }): Promise<string> {
  const request = new XMLHttpRequest()
  const id = 1 + Math.max(0, ...useUploads.getState().uploads.map((each) => each.id))
  const change = (uploads: (all: readonly Upload[]) => readonly Upload[]): void =>
    useUploads.setState((state) => ({ uploads: uploads(state.uploads) }))
  change((all) => [...all, { id, name: file.name, doneBytes: 0, totalBytes: file.size, cancel: () => request.abort() }])
  // Only a request of this kind tells how much of it has been sent.
  request.upload.addEventListener('progress', ({ loaded }) =>
    change((all) => all.map((each) => (each.id === id ? { ...each, doneBytes: Math.min(loaded, file.size) } : each))),
  )
  const sent = new Promise<string>((resolve, reject) => {
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(request.getResponseHeader('location')?.split('/').at(-1) ?? '')
      else reject(refused(file.name, request))
    })
    request.addEventListener('error', () => reject(refused(file.name, request)))
    request.addEventListener('abort', () => reject(new AppError('CANCELLED', t`The upload of ${file.name} was cancelled`)))
  })
  const form = new FormData()
  form.set('artifact', file, file.name)
  request.open('POST', allowExpansion ? `${ARTIFACTS}?allow_expansion=true` : ARTIFACTS)
  request.send(form)
  return sent.finally(() => change((all) => all.filter((each) => each.id !== id)))
}

function refused(name: string, request: XMLHttpRequest): AppError {
  const { status, responseText } = request
  const isBomb = request.getResponseHeader(CODE_HEADER) === 'EXPANSION_LIMIT'
  const { code, hint } = isBomb ? EXPANDS : (REFUSALS[status] ?? { code: 'INTERNAL', hint: t`See what the server says.` })
  return new AppError(code, `${name}: ${/"error": ?"((?:[^"\\]|\\.)*)"/.exec(responseText)?.[1] ?? t`HTTP status ${status}`}`, hint)
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
