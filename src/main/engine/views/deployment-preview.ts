import type { DeploymentPreview } from '../../contract/deployments.ts'
import type { Attribute } from '../store/inventory.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'
import { type KnownProvides, knownProvides, verdictOf } from './compatibility.ts'

type Verdict = DeploymentPreview[number]
type Content = Parameters<typeof verdictOf>[0]

interface Order {
  artifactName: string
  isForced: boolean
  devices: readonly { id: string; name: string }[]
}

/** So many names travel for each verdict; the others are counted. */
const NAMES = 100

const ORDER = ['refuses', 'has', 'takes'] as const satisfies Verdict['kind'][]

const byName = new Intl.Collator('en', { numeric: true })

/** What an order would do on each device as it is known now: who takes it, who has it, who refuses it and why; refusals first. */
export function previewDeployment({ artifactName, isForced, devices }: Order, store: Store): DeploymentPreview {
  const contents = store.artifacts.byName(artifactName).map(({ content }) => content)
  const attributes = store.inventory.byDevice()
  const stored = new Map(store.devices.byIds(devices.map(({ id }) => id)).map((device) => [device.id, device]))
  const verdicts = new Map<string, Verdict>()
  for (const { id, name } of devices.toSorted((one, other) => byName.compare(one.name, other.name))) {
    const known = providesOf(stored.get(id), attributes.get(id) ?? [])
    const { kind, why } =
      !isForced && known.provides['artifact_name'] === artifactName ? { kind: 'has' as const, why: '' } : best(contents, known)
    const verdict = verdicts.get(`${kind} ${why}`) ?? { kind, why, deviceCount: 0, deviceNames: [] }
    verdicts.set(`${kind} ${why}`, verdict)
    verdict.deviceCount += 1
    if (verdict.deviceNames.length < NAMES) verdict.deviceNames.push(name)
  }
  return [...verdicts.values()].toSorted(
    (one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || other.deviceCount - one.deviceCount,
  )
}

function providesOf(device: StoredDevice | undefined, attributes: readonly Attribute[]): KnownProvides {
  return knownProvides(device ?? { deviceType: null, artifactName: null }, attributes)
}

/** Of the artifacts of one name a device gets one that fits it. */
function best(contents: readonly Content[], known: KnownProvides): Pick<Verdict, 'kind' | 'why'> {
  const judged = contents.map((content) => verdictOf(content, known))
  const taken = judged.find(({ willInstall }) => willInstall)
  if (taken) return { kind: 'takes', why: taken.why }
  return { kind: 'refuses', why: [...new Set(judged.map(({ why }) => why))].join(' ') }
}
