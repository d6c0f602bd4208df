import type { Device } from '@contract/devices.ts'
import { type FunctionComponent, memo } from 'react'

/**
 * A part of a card that is drawn anew only when one of these facts of its device has changed, or another of its properties. Devices are heard
 * all the time, and most parts do not show when.
 */
export function memoOf<K extends keyof Device, P extends { device: Pick<Device, K> }>(
  facts: readonly K[],
  Part: FunctionComponent<P>,
): FunctionComponent<P> {
  const isSame = (before: P, after: P): boolean => {
    const names = Object.keys(after)
    return (
      names.length === Object.keys(before).length &&
      Object.entries(after).every(([name, value]) => name === 'device' || Object.is(value, Reflect.get(before, name))) &&
      facts.every((fact) => Object.is(before.device[fact], after.device[fact]))
    )
  }
  return memo(Part, isSame)
}
