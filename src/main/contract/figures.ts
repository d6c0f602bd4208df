import { z } from 'zod'
import { id, instant } from './operations.ts'

// What is drawn, made small enough for that by the engine.

/** How fast bytes went, in steps of equal length. */
export const rateSeries = z.object({
  startAt: instant,
  stepMs: z.number().int(),
  /** Bytes a second, step by step. */
  rates: z.array(z.number()),
  totalBytes: z.number(),
  /** Over the time in which anything went. */
  averageRate: z.number(),
  peakRate: z.number(),
})

export const deviceRates = rateSeries.extend({ deviceId: id, deviceName: z.string() })
export type DeviceRates = z.infer<typeof deviceRates>

export const downloadFigures = z.object({
  /** All devices together; null while nothing went. */
  total: rateSeries.nullable(),
  /** Those that were asked for, the slowest first. */
  devices: z.array(deviceRates),
  /** Of how many devices the rates are known. */
  deviceCount: z.number().int(),
})
export type DownloadFigures = z.infer<typeof downloadFigures>

/** Tries of a deployment: 1 is the first. */
export const attemptFigures = z.object({
  /** How often a device may try. */
  allowedCount: z.number().int(),
  attempts: z.array(
    z.object({
      attempt: z.number().int(),
      succeededCount: z.number().int(),
      failedCount: z.number().int(),
      /** At work on it, or about to. */
      activeCount: z.number().int(),
      /** Why it failed, the commonest first; empty where nobody knows. */
      reasons: z.array(z.object({ why: z.string(), deviceCount: z.number().int() })),
    }),
  ),
})
export type AttemptFigures = z.infer<typeof attemptFigures>

export const versionQuery = z
  .object({
    /** How far back; null from the first change on. */
    spanMs: z
      .number()
      .int()
      .min(60_000)
      .max(10 * 366 * 86_400_000)
      .nullable()
      .default(null),
    group: z.string().nullable().default(null),
    deviceType: z.string().nullable().default(null),
  })
  .prefault({})
export type VersionQuery = z.infer<typeof versionQuery>

export const versionFigures = z.object({
  fromAt: instant,
  stepMs: z.number().int(),
  /** In order of their first appearance; null stands for all that are not named. `counts`: accepted devices at the end of each step. */
  versions: z.array(z.object({ artifactName: z.string().nullable(), counts: z.array(z.number().int()) })),
  /** Since when it is recorded; null while no device has said what it runs. */
  firstAt: instant.nullable(),
  /** What can be asked for. */
  groups: z.array(z.string()),
  deviceTypes: z.array(z.string()),
})
export type VersionFigures = z.infer<typeof versionFigures>

/** `update`: the device was updated in between, and does not poll meanwhile. */
export const pollKind = z.enum(['on-time', 'late', 'update'])
export type PollKind = z.infer<typeof pollKind>

/** Intervals of a length from `fromMs` on, up to (without) `toMs`. */
export const pollBin = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  onTimeCount: z.number().int(),
  lateCount: z.number().int(),
  updateCount: z.number().int(),
})
export type PollBin = z.infer<typeof pollBin>

export const devicePolls = z.object({
  /** The last ones, the oldest first: when, and how long after the one before. */
  polls: z.array(z.object({ at: instant, gapMs: z.number().int(), kind: pollKind })),
  /** What is usual for it; null before there is enough to tell. */
  expectedMs: z.number().int().nullable(),
  bins: z.array(pollBin),
})
export type DevicePolls = z.infer<typeof devicePolls>

export const fleetPollQuery = z
  .object({ group: z.string().nullable().default(null), deviceType: z.string().nullable().default(null) })
  .prefault({})
export type FleetPollQuery = z.infer<typeof fleetPollQuery>

export const fleetPolls = z.object({
  bins: z.array(pollBin),
  /** What is usual for most; null before there is enough to tell. */
  expectedMs: z.number().int().nullable(),
  /** Devices that have polled twice, and those of them whose last poll was late, or is late now. */
  deviceCount: z.number().int(),
  lateDeviceCount: z.number().int(),
  /** Whether these are a part, spread over all that there are. */
  isPart: z.boolean(),
})
export type FleetPolls = z.infer<typeof fleetPolls>
