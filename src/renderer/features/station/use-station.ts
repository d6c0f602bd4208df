import type { StationView } from '@contract/station.ts'
import { type Live, useLive } from '../../app/use-live.ts'

export function useStation(): Live<StationView> {
  return useLive('station.view', (engine, signal) => engine.station.view(undefined, { signal }))
}
