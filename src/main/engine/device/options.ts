import type { TimelineEntry } from '../../contract/devices.ts'
import type { VerificationKey } from '../artifact/sign.ts'

/** Where an update can be made to fail. `reboot`: no new system ever starts on this device. */
export const FAIL_POINTS = ['download', 'install', 'reboot', 'commit', 'after-commit'] as const
export type FailPoint = (typeof FAIL_POINTS)[number]

export const DEVICE_KEY_ALGORITHMS = ['p256', 'ed25519', 'rsa-3072'] as const
export type DeviceKeyAlgorithm = (typeof DEVICE_KEY_ALGORITHMS)[number]

/** What is wrong with a simulated device. */
export interface Faults {
  failAt: FailPoint | null
  /** The network's speed; null is as fast as it goes. */
  speedBytesPerSecond: number | null
  /** `never`: the device does not contact the server. `soon`: it polls a few times, and is not heard again. */
  silence: 'none' | 'never' | 'soon'
  /** The connection breaks once in each download, after this many bytes. */
  breakAtBytes: number | null
  /** The byte at this offset arrives wrong in each download. */
  corruptAtByte: number | null
}

export const NO_FAULTS: Faults = { failAt: null, speedBytesPerSecond: null, silence: 'none', breakAtBytes: null, corruptAtByte: null }

export interface Intervals {
  pollMs: number
  /** Between tries to authenticate, or to reach a server that does not answer. */
  retryMs: number
  /** Until a broken download is resumed; 60 s on a real client. */
  resumeMs: number
  /** How long the kernel takes to come up. */
  bootMs: number
}

export const DEFAULT_INTERVALS: Intervals = { pollMs: 5000, retryMs: 5000, resumeMs: 60_000, bootMs: 1500 }

/** What a device reports to whoever keeps the timeline. */
export interface DeviceEvent {
  at: number
  lane: Extract<TimelineEntry['lane'], 'boot' | 'serial' | 'power' | 'state'>
  level: TimelineEntry['level']
  text: string
  deploymentId: string | null
}

export interface DeviceOptions {
  /** The device's own folder, absolute: its key, boot environment, store and slots. */
  folder: string
  name: string
  mac: string
  deviceType: string
  keyAlgorithm: DeviceKeyAlgorithm
  slotSizeBytes: number
  /** The system that slot A carries from the start; without an image, an empty ext4 of which only the superblock exists. */
  factory: { artifactName: string; imagePath: string | null }
  /** Asked anew for each request: the server may have moved since. */
  serverUrl: () => string
  caPem: () => string | null
  /** With at least one key, an artifact that none of them signed is refused. */
  verificationKeys: () => readonly VerificationKey[]
  faults: Faults
  intervals: Intervals
  /** Whether it holds a connection as mender-connect does: a terminal, files and a poll on demand. */
  hasConnect?: boolean
  onEvent?: (event: DeviceEvent) => void
}
