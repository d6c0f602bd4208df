import { t } from '@lingui/core/macro'
import { type BenchChip, type Facet, facet as facetOf } from '@contract/bench-filter.ts'
import { type DeviceState, deviceState, statesOf } from '@contract/device-states.ts'
import { type Device, DEVICE_WINDOW, type Tag } from '@contract/devices.ts'
import type { FilterTerm } from '@contract/filters.ts'
import type { Group } from '@contract/groups.ts'
import { number } from '../../ui/format.ts'

/** What the facets are called. */
const FACETS: Readonly<Record<Facet, string>> = {
  state: t`State`,
  saved: t`Saved filter`,
  group: t`Group`,
  type: t`Device type`,
  software: t`Software`,
  tag: t`Tag`,
}

const STATES: Readonly<Record<DeviceState, string>> = {
  pending: t`asks to join`,
  expected: t`expected`,
  online: t`online`,
  updating: t`updating`,
  failed: t`failed`,
  'rolled-back': t`rolled back`,
  mismatch: t`mismatch`,
  silent: t`silent`,
  off: t`off`,
  rejected: t`rejected`,
}

/** A condition that may be chosen, and how many devices meet it. */
export interface ChipOption {
  chip: BenchChip
  label: string
  count: number
}

/** What a condition is called beside others of its facet. */
function labelOf({ facet, value }: BenchChip): string {
  const state = facet === 'state' ? deviceState.safeParse(value).data : undefined
  return state === undefined ? value : STATES[state]
}

/** What it is called alone: `state: failed`. */
export const chipWords = (chip: BenchChip): string => `${FACETS[chip.facet].toLowerCase()}: ${labelOf(chip)}`

/** A text that stands for a condition, and the condition of one. */
export const keyOf = ({ facet, value }: BenchChip): string => `${facet}:${value}`

interface Known {
  devices: readonly Device[]
  tags: readonly Tag[]
  groups: readonly Group[]
}

const FACTS = {
  group: (device: Device) => device.group,
  type: (device: Device) => device.deviceType,
  software: (device: Device) => device.artifactName,
}
const byText = new Intl.Collator('en', { numeric: true })

/** What may be chosen, by facets. What is chosen and met by no device any more is there too. */
export function chipOptions(
  { devices, tags, groups }: Known,
  chosen: readonly BenchChip[],
): readonly (readonly [Facet, readonly ChipOption[]])[] {
  const options: Readonly<Record<Facet, ChipOption[]>> = {
    state: deviceState.options.flatMap((value) => counted('state', value, devices.filter((each) => statesOf(each).has(value)).length)),
    saved: groups.flatMap(({ name, filter, deviceCount }) =>
      filter === null ? [] : [optionOf({ facet: 'saved', value: name }, deviceCount)],
    ),
    group: groups.flatMap(({ name, filter, deviceCount }) => (filter === null ? counted('group', name, deviceCount) : [])),
    type: ofFact('type', devices),
    software: ofFact('software', devices),
    tag: tags.map(({ name, value, deviceCount }) => optionOf({ facet: 'tag', value: `${name}=${value}` }, deviceCount)),
  }
  return facetOf.options
    .map((facet) => {
      const here = options[facet]
      const gone = chosen.filter((chip) => chip.facet === facet && !here.some((option) => option.chip.value === chip.value))
      return [facet, [...here, ...gone.map((chip) => optionOf(chip, 0))]] as const
    })
    .filter(([, all]) => all.length > 0)
}

const optionOf = (chip: BenchChip, count: number): ChipOption => ({ chip, count, label: labelOf(chip) })

const counted = (facet: Facet, value: string, count: number): ChipOption[] => (count === 0 ? [] : [optionOf({ facet, value }, count)])

/** What cards say is counted in those that are here: of a larger bench, the first to arrive. */
const ON_CARDS: readonly Facet[] = ['state', 'type', 'software']

/** What a facet is called above its conditions, with whom they are counted in where that is not everybody. */
export function facetWords(facet: Facet, here: number, all: number): string {
  return ON_CARDS.includes(facet) && here < all ? t`${FACETS[facet]}, of the first ${number(here)}` : FACETS[facet]
}

/** Of how many devices alone the state was asked, where more may be in it: the engine has no attribute for it. */
export function judgedAlone(chips: readonly BenchChip[], found: number): number | null {
  return found >= DEVICE_WINDOW && chips.some(({ facet }) => facet === 'state') ? found : null
}

function ofFact(facet: 'type' | 'software', devices: readonly Device[]): ChipOption[] {
  const counts = new Map<string, number>()
  for (const device of devices) {
    const value = FACTS[facet](device)
    if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].toSorted(([one], [other]) => byText.compare(one, other)).map(([value, count]) => optionOf({ facet, value }, count))
}

/** Whether a device meets the conditions that its card shows; tags and saved filters are the engine's to judge. */
export function fitsChips(device: Device, chips: readonly BenchChip[]): boolean {
  const states: ReadonlySet<string> = statesOf(device)
  return facetOf.options.every((facet) => {
    const wanted = chips.filter((chip) => chip.facet === facet).map(({ value }) => value)
    if (wanted.length === 0 || facet === 'tag' || facet === 'saved') return true
    return facet === 'state' ? wanted.some((value) => states.has(value)) : wanted.includes(FACTS[facet](device) ?? '')
  })
}

/** Conditions that no card shows. */
export const needsEngine = (chips: readonly BenchChip[]): boolean => chips.some(({ facet }) => facet === 'tag' || facet === 'saved')

const ATTRIBUTES = {
  group: { scope: 'system', attribute: 'group' },
  type: { scope: 'inventory', attribute: 'device_type' },
  software: { scope: 'inventory', attribute: 'artifact_name' },
} as const

/**
 * The conditions as the engine asks devices for them, but for states, which it has no attribute for; null when one is a saved filter that is
 * no longer there, which nobody meets.
 */
export function termsOf(chips: readonly BenchChip[], groups: readonly Group[]): FilterTerm[] | null {
  const values = (facet: Facet): string[] => chips.filter((chip) => chip.facet === facet).map(({ value }) => value)
  const either = (where: Pick<FilterTerm, 'scope' | 'attribute'>, wanted: string[]): FilterTerm[] =>
    wanted.length === 0 ? [] : [{ ...where, type: '$in', value: wanted }]
  const tags = Map.groupBy(values('tag'), (tag) => tag.slice(0, tag.indexOf('=')))
  const filters = values('saved').map((name) => groups.find((group) => group.name === name)?.filter ?? null)
  if (filters.includes(null)) return null
  const saved = filters.flatMap((filter) => filter ?? [])
  return [
    ...either(ATTRIBUTES.group, values('group')),
    ...either(ATTRIBUTES.type, values('type')),
    ...either(ATTRIBUTES.software, values('software')),
    ...[...tags].flatMap(([name, all]) =>
      either(
        { scope: 'tags', attribute: name },
        all.map((tag) => tag.slice(name.length + 1)),
      ),
    ),
    // A group that is a filter holds accepted devices alone.
    ...(saved.length === 0 ? [] : [...saved, { scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' } as const]),
  ]
}
