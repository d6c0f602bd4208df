import { z } from 'zod'

// The device API's own JSON: the only place of the simulated device in which snake_case appears.

const instructions = z.object({
  id: z.string().min(1),
  artifact: z.object({ artifact_name: z.string().min(1), source: z.object({ uri: z.string().min(1) }) }),
})

/** What the server asks a device to install. */
export interface Instructions {
  deploymentId: string
  artifactName: string
  uri: string
}

/** Reads the 200 of `deployments/next`; null when it does not say what a client needs. */
export function parseInstructions(text: string): Instructions | null {
  const parsed = instructions.safeParse(parseJson(text))
  if (!parsed.success) return null
  const { id, artifact } = parsed.data
  return { deploymentId: id, artifactName: artifact.artifact_name, uri: artifact.source.uri }
}

const problem = z.object({ error: z.string() })

/** The sentence of an error body, else the text itself. */
export function errorOf(text: string): string {
  return problem.safeParse(parseJson(text)).data?.error ?? text.trim().slice(0, 200)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** The body of an authentication request; the identity travels as a string of JSON. */
export function authenticationBody(identity: Record<string, string>, publicKeyPem: string): Uint8Array {
  return encode({ id_data: JSON.stringify(identity), pubkey: publicKeyPem, tenant_token: '' })
}

/** What a device says of itself when it asks for work. */
export interface Provides {
  artifactName: string
  deviceType: string
  others: Record<string, string>
}

export function nextBody(version: 1 | 2, { artifactName, deviceType, others }: Provides): Uint8Array {
  const provides = { artifact_name: artifactName, device_type: deviceType, ...others }
  return encode(version === 2 ? { device_provides: provides, update_control_map: false } : provides)
}

export function nextQuery({ artifactName, deviceType }: Provides): string {
  return new URLSearchParams({ artifact_name: artifactName, device_type: deviceType }).toString()
}

/** The name under which an inventory or a depends speaks of the device's own facts. */
export const ARTIFACT_NAME = 'artifact_name'
export const DEVICE_TYPE = 'device_type'

/** Who a simulated device is: its identity says that it is virtual, so that no list shows it as a real board. */
export function identityOf({ mac, name }: { mac: string; name: string }): Record<string, string> {
  return { mac, virtual: name }
}

/** The inventory of a simulated device; it says that it is virtual. */
export function inventoryBody(device: Provides & { name: string; mac: string }): Uint8Array {
  const attributes: Record<string, string | string[]> = {
    ...device.others,
    [ARTIFACT_NAME]: device.artifactName,
    [DEVICE_TYPE]: device.deviceType,
    hostname: device.name.replace(/[^A-Za-z0-9-]+/g, '-'),
    mac_eth0: device.mac,
    mender_client_version: 'virtual',
    mender_bootloader_integration: 'uboot',
    rootfs_type: 'ext4',
    os: 'OTA Bench virtual device',
    kernel: 'virtual',
    virtual: 'yes',
    update_modules: ['deb', 'directory', 'docker', 'rpm', 'script', 'single-file'],
  }
  return encode(Object.entries(attributes).map(([name, value]) => ({ name, value })))
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
