import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { EMPTY_LOGIN, hopsOf, isWhole, type SshLogin } from '../../app/ssh-login.ts'
import type { Engine } from '../../app/connection.ts'
import type { ProvisionPreset } from '../../app/window-state.ts'

export type Road = ProvisionPreset['road']

export const ROADS: readonly { value: Road; label: string }[] = [
  { value: 'ssh', label: 'SSH' },
  { value: 'serial', label: 'Serial port' },
  { value: 'image', label: 'Card image' },
]

export interface ProvisionDraft {
  road: Road
  login: SshLogin
  sudoPassword: string
  serial: { path: string; baud: string; user: string; password: string }
  image: string
  isPreauthorized: boolean
}

/** The baud rate that is looked for. */
export const FIND_BAUD = 'find'

export function draftOf({ road, place, tcpPort = 22 }: ProvisionPreset): ProvisionDraft {
  const at = (wanted: Road): string => (road === wanted ? place : '')
  return {
    ...{ road, sudoPassword: '', image: at('image'), isPreauthorized: true },
    login: { ...EMPTY_LOGIN, user: 'pi', host: at('ssh'), port: String(tcpPort) },
    serial: { path: at('serial'), baud: FIND_BAUD, user: 'root', password: '' },
  }
}

/** What is still to be said; null when it can begin. */
export function missing({ road, login, serial, image }: ProvisionDraft, recipe: string): string | null {
  if (recipe === '') return 'Choose a recipe'
  if (road === 'ssh') return isWhole(login) ? null : 'Name the host and the user'
  if (road === 'serial') return serial.path !== '' && serial.user !== '' ? null : 'Name the port and the user'
  return image === '' ? 'Choose an image' : null
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
