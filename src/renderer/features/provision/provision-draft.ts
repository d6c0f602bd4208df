import { t } from '@lingui/core/macro'
import { BOARD_PASSWORD, boardPort } from '@contract/boards.ts'
import { BAUD_RATES } from '@contract/serial.ts'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { EMPTY_LOGIN, hopsOf, isWhole, type SshLogin } from '../../app/ssh-login.ts'
import type { Engine } from '../../app/connection.ts'
import type { ProvisionPreset, VirtualBoard } from '../../app/window-state.ts'

export type Road = ProvisionPreset['road']

export const ROADS: readonly { value: Road; label: string }[] = [
  { value: 'ssh', label: 'SSH' },
  { value: 'serial', label: t`Serial port` },
  { value: 'image', label: t`Card image` },
]

export interface ProvisionDraft {
  road: Road
  login: SshLogin
  sudoPassword: string
  serial: { path: string; baud: string; user: string; password: string }
  image: string
  isPreauthorized: boolean
  /** Name of the virtual board that the roads lead to; null for a real one. */
  board: string | null
}

/** The baud rate that is looked for. */
export const FIND_BAUD = 'find'

export function draftOf({ road, place, tcpPort = 22, board }: ProvisionPreset): ProvisionDraft {
  const at = (wanted: Road): string => (road === wanted ? place : '')
  const draft = {
    ...{ road, sudoPassword: '', image: at('image'), isPreauthorized: true, board: null },
    login: { ...EMPTY_LOGIN, user: 'pi', host: at('ssh'), port: String(tcpPort) },
    serial: { path: at('serial'), baud: FIND_BAUD, user: 'root', password: '' },
  }
  return board === undefined ? draft : onBoard(draft, board)
}

/** With both roads leading to a virtual board, as far as the bench knows how to log in there. */
export function onBoard(draft: ProvisionDraft, { name, ssh: { port, keyPath, hostKey } }: VirtualBoard): ProvisionDraft {
  const password = keyPath === null ? '' : BOARD_PASSWORD
  const login = { host: '127.0.0.1', port: String(port), keyPath: keyPath ?? '', hasUsualKeys: keyPath === null }
  return {
    ...{ ...draft, board: name },
    login: { ...EMPTY_LOGIN, ...login, hostKey: hostKey ?? '' },
    serial: { path: boardPort(name), baud: String(BAUD_RATES[0]), user: 'root', password },
  }
}

/** What is still to be said; null when it can begin. */
export function missing({ road, login, serial, image }: ProvisionDraft, recipe: string): string | null {
  if (recipe === '') return t`Choose a recipe`
  if (road === 'ssh') return isWhole(login) ? null : t`Name the host and the user`
  if (road === 'serial') return serial.path !== '' && serial.user !== '' ? null : t`Name the port and the user`
  return image === '' ? t`Choose an image` : null
}

const orNull = (text: string): string | null => (text === '' ? null : text)

/** Starts it as a job of the engine. */
export function startProvisioning({ provision }: Engine, draft: ProvisionDraft, recipe: string): Promise<{ jobId: string }> {
  const { road, login, serial, image, isPreauthorized } = draft
  const [what, sudoPassword] = [{ recipe, isPreauthorized }, orNull(draft.sudoPassword)]
  if (road === 'ssh') return provision.ssh({ ...what, hops: hopsOf(login), sudoPassword })
  if (road === 'image') return provision.image({ ...what, image })
  const { path, baud, user, password } = serial
  const baudRate = baud === FIND_BAUD ? null : Number(baud)
  return provision.serial({ ...what, path, baudRate, user, password: orNull(password), sudoPassword })
}

/** The recipe that was used last, which outlives the window. */
export const useRecipe = create<{ recipe: string; setRecipe: (recipe: string) => void }>()(
  persist((set) => ({ recipe: '', setRecipe: (recipe) => set({ recipe }) }), { name: 'provision' }),
)
