import { setImmediate as othersFirst } from 'node:timers/promises'
import type { DeploymentPreview } from '../../contract/deployments.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import { deviceName } from '../fleet/identity.ts'
import type { Attribute } from '../store/inventory.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import { type KnownProvides, knownProvides, verdictOf } from './compatibility.ts'

type Verdict = DeploymentPreview[number]
type Content = Parameters<typeof verdictOf>[0]

interface Order {
  artifactName: string
  isForced: boolean
  /** Who is meant. */
  filters: readonly FilterTerm[]
}

/** So many names travel for each verdict; the others are counted. */
const NAMES = 100

const ORDER = ['refuses', 'has', 'takes'] as const satisfies Verdict['kind'][]

/** So many devices are judged before polls get their turn: some tens of milliseconds. */
const SLICE = 500

/**
 * What an order would do on each device as it is known now: who takes it, who has it, who refuses it and why; refusals first. Of devices
 * that are the same in what decides, one is judged for all; those that came first are named.
 */
export async function previewDeployment({ artifactName, isForced, filters }: Order, store: Store): Promise<DeploymentPreview> {
  const contents = store.artifacts.byName(artifactName).map(({ content }) => content)
  const profilesBy = decisive(contents).map((attribute) => ({ scope: 'inventory', attribute }))
  const { profiles } = await store.search.find({ filters, text: '', alsoHolding: [], sort: [], offset: 0, limit: 0, profilesBy })
  const judged = new Map<string, Judged>()
  for (const [index, { deviceCount, first }] of profiles.entries()) {
    if (index % SLICE === SLICE - 1) await othersFirst()
    const [device] = store.devices.byNumbers(first.slice(0, 1))
    const known = providesOf(device, device ? store.inventory.ofDevice(device.id) : [])
    const hasIt = !isForced && known.provides['artifact_name'] === artifactName
    const { kind, why } = hasIt ? ({ kind: 'has', why: '' } as const) : best(contents, known)
    const before = judged.get(`${kind} ${why}`) ?? { kind, why, deviceCount: 0, first: [] }
    before.deviceCount += deviceCount
    before.first = [...before.first, ...first].toSorted((a, b) => a - b).slice(0, NAMES)
    judged.set(`${kind} ${why}`, before)
  }
  return [...judged.values()]
    .toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || other.deviceCount - one.deviceCount)
    .map(({ first, ...verdict }) => ({
      ...verdict,
      deviceNames: store.devices.byNumbers(first).map(deviceName).toSorted(compareNaturally),
    }))
}

interface Judged extends Omit<Verdict, 'deviceNames'> {
  first: number[]
}

/** What of its inventory decides whether a device takes one of the artifacts. */
function decisive(contents: readonly Content[]): string[] {
  return [...new Set(['device_type', 'artifact_name', 'artifact_group', ...contents.flatMap(({ depends }) => Object.keys(depends))])]
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
