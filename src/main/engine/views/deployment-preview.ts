import { setImmediate as othersFirst } from 'node:timers/promises'
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

/** So many devices are judged before polls get their turn: some tens of milliseconds. */
const SLICE = 500

/** What an order would do on each device as it is known now: who takes it, who has it, who refuses it and why; refusals first. */
export async function previewDeployment({ artifactName, isForced, devices }: Order, store: Store): Promise<DeploymentPreview> {
  const contents = store.artifacts.byName(artifactName).map(({ content }) => content)
  const sorted = devices.toSorted((one, other) => byName.compare(one.name, other.name))
  const verdicts = new Map<string, Verdict>()
  for (let from = 0; from < sorted.length; from += SLICE) {
    if (from > 0) await othersFirst()
    const slice = sorted.slice(from, from + SLICE)
    const stored = new Map(store.devices.byIds(slice.map(({ id }) => id)).map((device) => [device.id, device]))
    for (const { id, name } of slice) {
      const known = providesOf(stored.get(id), store.inventory.ofDevice(id))
      const hasIt = !isForced && known.provides['artifact_name'] === artifactName
      add(verdicts, hasIt ? { kind: 'has', why: '' } : best(contents, known), name)
    }
  }
  return [...verdicts.values()].toSorted(
    (one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || other.deviceCount - one.deviceCount,
  )
}

function add(verdicts: Map<string, Verdict>, { kind, why }: Pick<Verdict, 'kind' | 'why'>, name: string): void {
  const verdict = verdicts.get(`${kind} ${why}`) ?? { kind, why, deviceCount: 0, deviceNames: [] }
  verdicts.set(`${kind} ${why}`, verdict)
  verdict.deviceCount += 1
  if (verdict.deviceNames.length < NAMES) verdict.deviceNames.push(name)
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
