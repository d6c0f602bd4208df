import { AppError } from '../../contract/errors.ts'
import type { AuthStatus } from '../../contract/devices.ts'
import { publicHalf } from './device-key.ts'
import type { Preauthorize, Preauthorized } from './run.ts'

interface KnownDevice {
  id: string
  identity: Readonly<Record<string, string | string[]>>
  authsets: readonly { id: string; keyFingerprint: string; status: AuthStatus }[]
}

/** The devices of a server. */
export interface DeviceRegister {
  /** Those that hold the text in their identity, at least. */
  devices(text: string): Promise<readonly KnownDevice[]>
  /** Expects the key, beside others where the identity is known. Answers the device's id. */
  preauthorize(device: { identity: Record<string, string>; publicKeyPem: string }): Promise<string>
  setStatus(key: { id: string; authsetId: string; status: 'accepted' | 'rejected' }): Promise<void>
  decommission(id: string): Promise<void>
}

/** Lets a server expect a device, or accept one that asks already. CONFLICT where it rejected this very key. */
export function preauthorizeOn(register: DeviceRegister): Preauthorize {
  return async ({ identity, publicKeyPem }) => {
    // The value that tells most.
    const text = Object.values(identity).toSorted((one, other) => other.length - one.length)[0] ?? ''
    const find = async () => (await register.devices(text)).find((each) => isSame(each.identity, identity))
    const known = await find()
    const { fingerprint } = publicHalf(publicKeyPem)
    const key = known?.authsets.find((each) => each.keyFingerprint === fingerprint)
    if (known && key) return expectAgain(register, known.id, key)
    const id = await register.preauthorize({ identity, publicKeyPem })
    const undo = async (): Promise<void> => {
      if (!known) return register.decommission(id)
      const made = (await find())?.authsets.find((each) => each.keyFingerprint === fingerprint)
      if (made) await register.setStatus({ id, authsetId: made.id, status: 'rejected' })
    }
    return { deviceId: id, isNew: true, undo }
  }
}

async function expectAgain(register: DeviceRegister, id: string, key: KnownDevice['authsets'][number]): Promise<Preauthorized> {
  if (key.status === 'rejected')
    throw new AppError('CONFLICT', `The server has rejected this key of the device ${id}`, `Accept it: otabench devices accept ${id}`)
  const isNew = key.status === 'pending'
  if (isNew) await register.setStatus({ id, authsetId: key.id, status: 'accepted' })
  return { deviceId: id, isNew, undo: () => register.setStatus({ id, authsetId: key.id, status: 'rejected' }) }
}

function isSame(a: KnownDevice['identity'], b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
