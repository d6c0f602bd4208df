import { useArtifacts, useDevices } from '../../app/facts.tsx'

/** The device types that the bench has heard of, from its devices and its library. */
export function useKnownTypes(): string[] {
  const devices = useDevices().value ?? []
  const artifacts = useArtifacts().value ?? []
  const ofDevices = devices.flatMap(({ deviceType }) => (deviceType === null ? [] : [deviceType]))
  return [...new Set([...ofDevices, ...artifacts.flatMap(({ deviceTypes }) => deviceTypes)])].toSorted()
}
