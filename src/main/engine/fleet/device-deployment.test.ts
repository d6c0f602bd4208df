import { describe, expect, it } from 'vitest'
import { type DeviceDeploymentStatus, deviceDeploymentStatus } from '../../contract/devices.ts'
import { type Progress, isFinished, reportStatus } from './device-deployment.ts'

const ALL = deviceDeploymentStatus.options
const SERVER_ONLY: DeviceDeploymentStatus[] = ['pending', 'noartifact', 'aborted', 'decommissioned']
const STOPPED: DeviceDeploymentStatus[] = ['aborted', 'decommissioned']
const REPORTED = ALL.filter((status) => !SERVER_ONLY.includes(status))

const after = (status: DeviceDeploymentStatus, change: Partial<Progress> = {}): Progress => ({
  ...{ status, failedAttempts: 0, retries: 0, isOffered: true },
  ...change,
})

describe('a status report', () => {
  const going = ALL.filter((status) => !STOPPED.includes(status))
  it.each(going.flatMap((from) => REPORTED.map((to) => ({ from, to }))))('after $from is taken: $to', ({ from, to }) => {
    expect(reportStatus(after(from), to)).toEqual(from === to ? { kind: 'same' } : { kind: 'moved', isFinished: isFinished(to) })
  })

  it.each(STOPPED.flatMap((from) => REPORTED.map((to) => ({ from, to }))))('after $from is a conflict: $to', ({ from, to }) => {
    expect(reportStatus(after(from), to)).toEqual({ kind: 'aborted' })
  })

  it.each(SERVER_ONLY)('%s is refused from a device', (status) => {
    expect(reportStatus(after('downloading'), status)).toMatchObject({ kind: 'refused' })
  })

  it('of a failure is a reason to try again, as often as it may', () => {
    expect(reportStatus(after('installing', { retries: 2 }), 'failure')).toEqual({ kind: 'retry' })
    expect(reportStatus(after('installing', { retries: 2, failedAttempts: 1 }), 'failure')).toEqual({ kind: 'retry' })
    expect(reportStatus(after('installing', { retries: 2, failedAttempts: 2 }), 'failure')).toEqual({ kind: 'moved', isFinished: true })
    expect(reportStatus(after('success', { retries: 2 }), 'failure')).toEqual({ kind: 'moved', isFinished: true })
  })

  it('of the same failure again, before anything was offered anew, is no further try', () => {
    expect(reportStatus(after('pending', { retries: 2, failedAttempts: 1, isOffered: false }), 'failure')).toEqual({ kind: 'same' })
    expect(reportStatus(after('pending', { retries: 2, failedAttempts: 1 }), 'failure')).toEqual({ kind: 'retry' })
  })
})

it('knows which statuses end a device’s part', () => {
  expect(ALL.filter(isFinished)).toEqual(['success', 'failure', 'noartifact', 'already-installed', 'aborted', 'decommissioned'])
})
