import type { ArtifactContent, Compatibility } from '../../contract/artifacts.ts'
import { DEVICE_WINDOW } from '../../contract/devices.ts'
import { type Provides, whyNot } from '../fleet/next-deployment.ts'
import { deviceName } from '../fleet/identity.ts'
import { refusals } from '../artifact/lint.ts'
import type { Attribute } from '../store/inventory.ts'
import type { Store } from '../store/open.ts'

/** What is known of a device's provides. */
export interface KnownProvides {
  provides: Provides
  /** Whether the device has sent its inventory, in which clients repeat their provides: only then can more than the type be judged. */
  hasAllProvides: boolean
}

export interface Verdict {
  willInstall: boolean
  /** The rule that it breaks, or what is to be said although it breaks none; a sentence or more. */
  why: string
}

interface Reported {
  deviceType: string | null
  artifactName: string | null
}

/** The provides of a device as the server knows them: what it reported of itself, and its inventory. */
export function knownProvides({ deviceType, artifactName }: Reported, attributes: readonly Attribute[]): KnownProvides {
  const sent = attributes.filter(({ scope }) => scope === 'inventory')
  const single = sent.flatMap(({ name, value }): [string, string][] => (Array.isArray(value) ? [] : [[name, value]]))
  const provides = { ...Object.fromEntries(single), ...(deviceType !== null && { device_type: deviceType }) }
  return {
    provides: artifactName === null ? provides : { ...provides, artifact_name: artifactName },
    hasAllProvides: sent.length > 0,
  }
}

/** Whether a device with these provides would take an artifact: first what no client takes, then what this one does not. */
export function verdictOf(content: ArtifactContent, { provides, hasAllProvides }: KnownProvides): Verdict {
  const broken = refusals(content)
  if (broken.length > 0) return { willInstall: false, why: `No client takes it: ${broken.join('; ')}.` }
  if (provides['device_type'] === undefined) return { willInstall: false, why: 'The device has not said yet which type it is.' }
  const { deviceTypes, dependsNames, dependsGroups, depends } = content
  const why = whyNot({ id: '', deviceTypes, dependsNames, dependsGroups, depends }, { provides, hasAllProvides })
  if (why !== null) return { willInstall: false, why }
  const hasDepends = dependsNames.length + dependsGroups.length + Object.keys(depends).length > 0
  if (hasDepends && !hasAllProvides)
    return {
      willInstall: true,
      why: 'Its device type fits. The device has sent no inventory yet, so what else it depends on is not known.',
    }
  if (provides['artifact_name'] === content.name)
    return { willInstall: true, why: `The device runs ${content.name} already: a deployment installs it again only when it is forced.` }
  return { willInstall: true, why: 'The device type fits, and everything that the artifact depends on is there.' }
}

/** For the devices, up to a windowful of them, whether they would take the artifact; null when the artifact is unknown. */
export function listCompatibility(id: string, { store }: { store: Store }): Compatibility[] | null {
  const artifact = store.artifacts.get(id)
  if (!artifact) return null
  return store.devices.page({ offset: 0, limit: DEVICE_WINDOW }).map((device) => ({
    deviceId: device.id,
    deviceName: deviceName(device),
    ...verdictOf(artifact.content, knownProvides(device, store.inventory.ofDevice(device.id))),
  }))
}
