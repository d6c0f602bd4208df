import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerPause } from './deployment-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'

const NEXT = '/api/devices/v2/deployments/device/deployments/next'

describe('the update control map of a deployment', () => {
  let bench: DeviceBench
  let headers: Record<string, string>
  let login: Record<string, string>
  let id = ''
  beforeEach(async () => {
    bench = await openDeviceBench()
    const joined = await bench.join('aa')
    id = joined.id
    headers = { authorization: `Bearer ${joined.token}`, 'content-type': 'application/json' }
    login = { authorization: `Bearer ${bench.login.adminSession()}`, 'content-type': 'application/json' }
    await bench.addArtifact('v2', Buffer.alloc(5000))
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const next = (isControllable: boolean) =>
    bench.app.inject({
      method: 'POST',
      url: NEXT,
      headers,
      payload: { device_provides: { artifact_name: 'v1', device_type: 'board' }, ...(isControllable ? { update_control_map: true } : {}) },
    })
  const refresh = (deploymentId: string) =>
    bench.app.inject({ url: `/api/devices/v2/deployments/device/deployments/${deploymentId}/update_control_map`, headers })
  const order = (map: unknown) =>
    bench.app.inject({
      method: 'POST',
      url: '/api/management/v1/deployments/deployments',
      headers: login,
      payload: { name: 'paused', artifact_name: 'v2', devices: [id], update_control_map: map },
    })
  const change = (deploymentId: string, map: unknown) =>
    bench.app.inject({
      method: 'PATCH',
      url: `/api/management/v2/deployments/deployments/${deploymentId}`,
      headers: login,
      payload: { update_control_map: map },
    })

  it('goes to clients that ask for it, with no field that they do not know (trap 16), and can be changed while they wait', async () => {
    const states = {
      ArtifactInstall_Enter: { action: 'pause', on_map_expire: 'fail', on_action_executed: 'continue' },
      ArtifactCommit_Enter: { action: 'pause' },
    }
    const ordered = await order({ id: 'any', priority: 3, states })
    expect(ordered.statusCode).toBe(201)
    const deploymentId = String(ordered.headers.location).split('/').at(-1) ?? ''
    expect((await next(false)).json()).not.toHaveProperty('update_control_map')
    const map = { id: deploymentId, priority: 3, states }
    expect((await next(true)).json().update_control_map).toEqual(map)
    expect((await refresh(deploymentId)).json()).toEqual({ update_control_map: map })
    expect((await change(deploymentId, { states: { ArtifactInstall_Enter: { action: 'force_continue' } } })).statusCode).toBe(204)
    expect((await refresh(deploymentId)).json().update_control_map.states).toEqual({ ArtifactInstall_Enter: { action: 'force_continue' } })
    expect((await change(deploymentId, null)).statusCode).toBe(204)
    expect((await refresh(deploymentId)).json().update_control_map.states).toEqual({ ArtifactInstall_Enter: { action: 'continue' } })
  })

  it('is refused when a client would refuse it, and when the deployment is over', async () => {
    for (const wrong of [
      { states: { ArtifactInstall_Enter: { action: 'wait' } } },
      { states: { Sync_Enter: { action: 'pause' } } },
      { states: { ArtifactInstall_Enter: { action: 'pause', more: 1 } } },
      { priority: 11, states: {} },
      { other: true },
    ])
      expect((await order(wrong)).statusCode).toBe(400)
    const deploymentId = bench.deploy('v2', [id])
    expect((await refresh(deploymentId)).statusCode).toBe(404)
    expect((await refresh('nobody')).statusCode).toBe(404)
    await bench.app.inject({
      method: 'PUT',
      url: `/api/devices/v1/deployments/device/deployments/${deploymentId}/status`,
      headers,
      payload: { status: 'success' },
    })
    expect((await change(deploymentId, { states: {} })).statusCode).toBe(422)
  })

  it('is answered for all of its pause points at once; CONFLICT where nobody is made to wait', async () => {
    const ordered = await order({ states: { ArtifactInstall_Enter: { action: 'pause' }, ArtifactCommit_Enter: { action: 'pause' } } })
    const deploymentId = String(ordered.headers.location).split('/').at(-1) ?? ''
    answerPause(bench.actions, deploymentId, 'fail')
    const states = { ArtifactInstall_Enter: { action: 'fail' }, ArtifactCommit_Enter: { action: 'fail' } }
    expect((await refresh(deploymentId)).json().update_control_map.states).toEqual(states)
    const without = bench.deploy('v2', [id], true)
    expect(() => answerPause(bench.actions, without, 'continue')).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  })
})
