import { describe, expect, it } from 'vitest'
import { type DeviceDeploymentStatus, deviceDeploymentStatus } from '../../contract/devices.ts'
import { isFinished, reportStatus } from './device-deployment.ts'

const ALL = deviceDeploymentStatus.options
const SERVER_ONLY: DeviceDeploymentStatus[] = ['pending', 'noartifact', 'aborted', 'decommissioned']
const STOPPED: DeviceDeploymentStatus[] = ['aborted', 'decommissioned']
const REPORTED = ALL.filter((status) => !SERVER_ONLY.includes(status))

describe('a status report', () => {
  const going = ALL.filter((status) => !STOPPED.includes(status))
  it.each(going.flatMap((from) => REPORTED.map((to) => ({ from, to }))))('after $from is taken: $to', ({ from, to }) => {
    expect(reportStatus(from, to)).toEqual(from === to ? { kind: 'same' } : { kind: 'moved', isFinished: isFinished(to) })
  })

  it.each(STOPPED.flatMap((from) => REPORTED.map((to) => ({ from, to }))))('after $from is a conflict: $to', ({ from, to }) => {
    expect(reportStatus(from, to)).toEqual({ kind: 'aborted' })
  })

  it.each(SERVER_ONLY)('%s is refused from a device', (status) => {
    expect(reportStatus('downloading', status)).toMatchObject({ kind: 'refused' })
  })
})

it('knows which statuses end a device’s part', () => {
  expect(ALL.filter(isFinished)).toEqual(['success', 'failure', 'noartifact', 'already-installed', 'aborted', 'decommissioned'])
})
