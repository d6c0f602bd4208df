import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { type Search, searchDevices } from '../server/inventory-search.ts'
import { SCHEMA_VERSION, migrate } from './migrations.ts'
import { type Store, openStore } from './open.ts'

const CONTENT: ArtifactContent = {
  ...{ formatVersion: 3, name: 'v2', group: null, deviceTypes: ['board'], payloadType: 'rootfs-image', compression: 'gzip' },
  ...{ dependsNames: [], dependsGroups: [], provides: { 'rootfs-image.version': 'v2' }, depends: {}, clearsProvides: null },
  ...{ scripts: [], metaData: null, files: [], signature: { present: false, verifiedBy: null }, warnings: [] },
}

/** A bench with something of everything, as the first version has written it. */
const FIRST = `
  INSERT INTO device VALUES ('d1', 'h1', '{"mac":"1"}', 'desk', 'lab', 'accepted', 'board', 'v1', 1, 2, 3, 4, 5);
  INSERT INTO device VALUES ('d2', 'h2', '{"mac":"2"}', '', NULL, 'pending', NULL, NULL, 1, 2, NULL, NULL, NULL);
  INSERT INTO authset VALUES ('s1', 'd1', 'pem', 'f1', 'p256', 'accepted', 1), ('s2', 'd2', 'pem', 'f2', 'p256', 'pending', 1);
  INSERT INTO attribute VALUES ('d1', 'inventory', 'kernel', '"6.1"', 5);
  INSERT INTO attribute VALUES ('d1', 'inventory', 'ip', '["10.0.0.1","10.0.0.2"]', 5), ('d2', 'tags', 'rack', '"Left-7"', 5);
  INSERT INTO artifact VALUES ('a1', 'v2', 'the second', 1000, 'aa', '${JSON.stringify(CONTENT)}', 7, 8);
  INSERT INTO artifact_device_type VALUES ('a1', 'board');
  INSERT INTO deployment VALUES ('e1', 'old', 'v2', 0, 'lab', 1, 1, 10, NULL);
  INSERT INTO device_deployment VALUES ('e1', 'd1', 'desk', 'pending', '', '', 'a1', 'v1', 10, NULL, NULL);
  INSERT INTO deployment VALUES ('e2', 'done', 'v1', 1, NULL, 1, 1, 5, NULL);
  INSERT INTO device_deployment VALUES ('e2', 'd1', 'desk', 'failure', '', 'why', 'a1', NULL, 5, 6, NULL);
  UPDATE device_deployment SET finished_at = 9 WHERE deployment_id = 'e2';
  INSERT INTO deployment_log VALUES ('e2', 'd1', '[]', 9);
  INSERT INTO deployment VALUES ('e3', 'gone', 'v1', 0, NULL, 1, 1, 4, NULL);
  INSERT INTO device_deployment VALUES ('e3', 'd0', 'dust', 'decommissioned', '', 'why', NULL, NULL, 4, NULL, NULL);
  UPDATE device_deployment SET finished_at = 4 WHERE deployment_id = 'e3';
  INSERT INTO timeline VALUES (1, 5, 'd1', 'e2', 'state', 'error', 'v1: failure');
  INSERT INTO signing_key VALUES ('k1', 'release', 'p256', 'ff', 'pem', 1, 1);
  INSERT INTO user VALUES ('u1', 'admin', 'hash', 1);
  INSERT INTO access_token VALUES ('t1', 'u1', 'ci', 'th', 1, NULL, NULL);
  INSERT INTO job VALUES ('j1', 'artifact-add', 'Add', 'done', '["Copy"]', 1, NULL, 1, 2, NULL);
  INSERT INTO job_line VALUES (1, 'j1', 'copied');
  INSERT INTO setting VALUES ('accept-mode', '"all"');`

async function searched(store: Store, search: Partial<Search>): Promise<string[]> {
  const all: Search = { ids: null, text: '', filters: [], sort: [], attributes: null, ...search }
  const { found } = await searchDevices({ store }, all, { page: 1, perPage: 20, offset: 0 })
  return found.map(({ device }) => device.id)
}

describe('a database of an earlier version', () => {
  let path = ''
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'otabench-migrations-')), 'bench.db')
  })
  afterEach(() => rmSync(join(path, '..'), { recursive: true }))

  /** The bench of the first version, brought to another. */
  function write(version: number): void {
    const db = new Database(path)
    migrate(db, 1)
    db.exec(FIRST)
    migrate(db, version)
    expect(db.pragma('user_version', { simple: true })).toBe(version)
    db.close()
  }

  it.each(Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1))(
    '%i is opened by this build with everything in it',
    async (version) => {
      write(version)
      const store = openStore(path)
      expect(store.devices.list()).toMatchObject([
        { id: 'd1', identity: { mac: '1' }, nickname: 'desk', group: 'lab', status: 'accepted', artifactName: 'v1', lastSeenAt: 3 },
        { id: 'd2', status: 'pending' },
      ])
      expect(store.authsets.ofDevice('d1')).toMatchObject([{ id: 's1', status: 'accepted', fingerprint: 'f1' }])
      expect(store.inventory.ofDevice('d1')).toMatchObject([
        { scope: 'inventory', name: 'ip', value: ['10.0.0.1', '10.0.0.2'], updatedAt: 5 },
        { scope: 'inventory', name: 'kernel', value: '6.1', updatedAt: 5 },
      ])
      expect(await searched(store, { text: 'left-7' })).toEqual(['d2'])
      expect(await searched(store, { sort: [{ scope: 'identity', attribute: 'mac', order: 'desc' }] })).toEqual(['d2', 'd1'])
      expect(store.artifacts.list()).toMatchObject([{ id: 'a1', description: 'the second', sizeBytes: 1000, content: CONTENT }])
      expect(store.deployments.get('e1')).toMatchObject({ name: 'old', status: 'pending', group: 'lab', statistics: { pending: 1 } })
      expect(store.deployments.get('e2')).toMatchObject({ status: 'finished', isForced: true, statistics: { failure: 1 }, finishedAt: 9 })
      expect(store.deviceDeployments.get('e2', 'd1')).toMatchObject({ status: 'failure', explanation: 'why', finishedAt: 9, hasLog: true })
      expect(store.deviceDeployments.ofDeployment('e3')).toMatchObject([{ deviceId: 'd0', deviceName: 'dust', status: 'decommissioned' }])
      expect(store.deviceDeployments.active('d1')).toMatchObject([{ deploymentId: 'e1', status: 'pending', artifactId: 'a1' }])
      expect(store.keys.list()).toMatchObject([{ id: 'k1', name: 'release', hasPrivateKey: true }])
      expect(store.jobs.list()).toMatchObject([{ id: 'j1', state: 'done' }])
      expect(store.jobs.log('j1')).toEqual(['copied'])
      const later = Date.now() + 60_000
      const running = () => store.versions.deltas({ fromAt: later, toAt: later, stepMs: 1000, group: null, deviceType: 'board' })
      expect(running()).toEqual([{ artifactName: 'v1', step: -1, delta: 1 }])
      expect(store.failedAttempts.states('e2')).toMatchObject([{ state: 'failed', deviceCount: 1 }])
      // and it can be worked with
      store.devices.add({ id: 'd3', identityHash: 'h3', identity: { mac: '3' }, createdAt: 1 })
      expect(store.devices.count()).toBe(3)
      expect(store.devices.get('d3')?.number).toBeGreaterThan(3)
      expect(await searched(store, { filters: [{ scope: 'identity', attribute: 'mac', type: '$eq', value: '3' }] })).toEqual(['d3'])
      store.devices.remove('d1')
      expect(running()).toEqual([])
      expect(store.deviceDeployments.get('e2', 'd1')).toMatchObject({ deviceId: 'd1', hasLog: true })
      store.close()
      const db = new Database(path)
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      expect(db.pragma('foreign_key_check')).toEqual([])
      db.close()
    },
  )

  it('has the schema of a new one when it has been brought up to date', () => {
    write(SCHEMA_VERSION)
    const shape = (db: Database.Database) => db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
    const [old, fresh] = [new Database(path), new Database(':memory:')]
    migrate(fresh)
    expect(shape(old).filter((row) => !JSON.stringify(row).includes('sqlite_stat'))).toEqual(shape(fresh))
    old.close()
    fresh.close()
  })
})
