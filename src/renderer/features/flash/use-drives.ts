import type { Drive } from '@contract/drives.ts'
import { type Live, useLive } from '../../app/use-live.ts'
import { driveKey } from './drive-words.ts'
import { useFlash } from './flash-state.ts'

/** The drives of this machine as they come and go; where they cannot be listed, the virtual ones, and why. */
export function useDrives(): Live<Drive[]> {
  const { hasLoops } = useFlash()
  const all = useLive(`drives ${hasLoops}`, (engine, signal) => engine.drives.list({ hasLoops }, { signal }))
  const isPartial = all.failure?.code === 'TOOL_MISSING'
  const virtual = useLive(isPartial ? 'drives virtual' : null, (engine, signal) => engine.drives.list({ canBePartial: true }, { signal }))
  return isPartial ? { value: virtual.value, failure: all.failure } : all
}

/** Those that are ticked and still there: a card that was taken out is not meant when another is put in. */
export function chosenDrives(drives: readonly Drive[], chosen: readonly string[]): Drive[] {
  return drives.filter(({ identity, verdict }) => verdict.kind !== 'refused' && chosen.includes(driveKey(identity)))
}
