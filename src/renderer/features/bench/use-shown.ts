import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { Failure } from '@contract/errors.ts'
import type { Group } from '@contract/groups.ts'
import { useMemo, useState } from 'react'
import { createNameOrder } from '../../app/by-name.ts'
import { useDeviceCount } from '../../app/facts.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { CARD_STATES } from '../../ui/card-states.ts'
import { fitsChips, judgedAlone, needsEngine, termsOf } from './bench-filter.ts'
import { isVirtual } from './device-words.ts'

const NO_GROUPS: readonly Group[] = []

/** The groups of devices, those that are filters among them. */
export function useGroups(): readonly Group[] {
  return useLive('groups.list', (engine, signal) => engine.groups.list(undefined, { signal })).value ?? NO_GROUPS
}

interface Shown {
  shown: readonly Device[]
  all: number
  /** Of how many of them alone the state was asked; null where it was asked of all. */
  judged: number | null
  /** Why the engine could not look: those shown are of the devices that are here. */
  failure: Failure | null
}

/**
 * The devices that fit the filter, in the order of their names, and how many there are in all. Where not all of them are here, or the filter
 * asks for what no card shows, the engine looks for those that fit.
 */
export function useShown(devices: readonly Device[] | null): Shown {
  const { filter, chips } = useWindow()
  const groups = useGroups()
  const here = devices ?? []
  const all = Math.max(useDeviceCount() ?? 0, here.length)
  const terms = termsOf(chips, groups)
  const text = filter.trim()
  const hasMore = all > here.length
  const isNobody = terms === null
  const isAsked = !isNobody && (needsEngine(chips) || (hasMore && (text !== '' || terms.length > 0)))
  const asked = { filter: terms ?? [], text: hasMore ? text : '' }
  const { value: found, failure } = useLive(isAsked ? `devices.list ${JSON.stringify(asked)}` : null, (engine, signal) =>
    engine.devices.list(asked, { signal }),
  )
  const [inOrder] = useState(createNameOrder)
  const shown = useMemo(() => {
    if (isNobody) return []
    const fitting = found === null ? (devices ?? []) : inOrder(found)
    // What the engine has looked for may stand where no card shows it.
    const hasText = found !== null && hasMore ? () => true : textTest(text)
    return fitting.filter((device) => hasText(device) && fitsChips(device, chips))
  }, [isNobody, found, devices, inOrder, hasMore, text, chips])
  const judged = hasMore ? judgedAlone(chips, (found ?? here).length) : null
  return { shown, all, judged, failure }
}

function textTest(filter: string): (device: Device) => boolean {
  const words = filter.toLowerCase().split(/\s+/)
  return (device) => {
    const text = [
      ...[device.name, device.deviceType, device.group, device.artifactName, isVirtual(device) ? t`virtual` : ''],
      ...[CARD_STATES[device.card.state].word, ...Object.values(device.identity).flat()],
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  }
}
