import Database from 'better-sqlite3'
import { AppError } from '../../contract/errors.ts'
import { Changes } from '../lib/changes.ts'
import { artifactTable } from './artifacts.ts'
import { attributeWriter } from './attribute-values.ts'
import { auditTable } from './audit.ts'
import { authsetTable } from './authsets.ts'
import { boardTable } from './boards.ts'
import { checkpointPart } from './checkpoints.ts'
import { configurationTable } from './configurations.ts'
import type { Db } from './db.ts'
import { deploymentEnding } from './deployment-ending.ts'
import { deploymentFilling } from './deployment-filling.ts'
import { deploymentTable } from './deployments.ts'
import { deviceDeploymentTable } from './device-deployments.ts'
import { deviceSearch } from './device-search.ts'
import { deviceTable } from './devices.ts'
import { downloadSeriesTable } from './download-series.ts'
import { failedAttemptTable } from './failed-attempts.ts'
import { inventoryTable } from './inventory.ts'
import { jobTable } from './jobs.ts'
import { keyTable } from './keys.ts'
import { lastSeenPart } from './last-seen.ts'
import { migrate } from './migrations.ts'
import { pollGapTable } from './poll-gaps.ts'
import { recordingTable } from './recordings.ts'
import { refusalTable } from './refusals.ts'
import { releaseTable } from './releases.ts'
import { savedFilterTable } from './saved-filters.ts'
import { settingTable } from './settings.ts'
import { type Snapshot, copyDatabase } from './snapshot.ts'
import { tagTable } from './tags.ts'
import { timelineTable } from './timeline.ts'
import { userTable } from './users.ts'
import { versionHistory } from './version-history.ts'
import { webhookDeliveryTable } from './webhook-deliveries.ts'
import { webhookTable } from './webhooks.ts'

/** Node-API version that better-sqlite3's binary is built for; on an older runtime loading it ends the process without a word. */
const NEEDED_NAPI = 10
const TAKEN_BACK_AT_ONCE = 20_000

/**
 * Opens, and brings up to date, the database at `path` (`:memory:` for one that is forgotten). The engine is its only user.
 * CONFLICT when a newer build has written it, ENGINE_STOPPED when this runtime cannot load SQLite.
 */
export function openStore(path: string) {
  const db = connect(path)
  const changes = allChanges()
  const filling = deploymentFilling(db, changes.deployments)
  // Whoever ordered it was never answered.
  for (const id of filling.unfinished()) while (!filling.takeBack(id, TAKEN_BACK_AT_ONCE));
  const lastSeen = lastSeenPart(db, changes.devices)
  const attributes = attributeWriter(db)
  const search = deviceSearch(db)
  return {
    changes,
    lastSeen,
    devices: deviceTable(db, { changes, lastSeen, attributes }),
    authsets: authsetTable(db, changes),
    refusals: refusalTable(db, changes.devices),
    tags: tagTable(db),
    inventory: inventoryTable(db, changes, attributes),
    search,
    artifacts: artifactTable(db, changes.artifacts),
    releases: releaseTable(db, changes.artifacts),
    savedFilters: savedFilterTable(db, changes.devices),
    deployments: deploymentTable(db, changes.deployments),
    filling,
    ending: deploymentEnding(db, changes.deployments),
    deviceDeployments: deviceDeploymentTable(db, changes.deployments),
    downloadSeries: downloadSeriesTable(db),
    failedAttempts: failedAttemptTable(db, changes.deployments),
    versions: versionHistory(db),
    polls: pollGapTable(db, lastSeen),
    configurations: configurationTable(db, changes.devices),
    timeline: timelineTable(db, changes.timeline),
    keys: keyTable(db, changes.keys),
    users: userTable(db, changes.credentials),
    settings: settingTable(db, changes.settings),
    jobs: jobTable(db),
    audit: auditTable(db, changes.audit),
    recordings: recordingTable(db, changes.recordings),
    boards: boardTable(db, changes.boards),
    webhooks: webhookTable(db, changes.webhooks),
    webhookDeliveries: webhookDeliveryTable(db, changes.webhooks),
    /** All writes of `work` or none. Followers of the changes wake after it, since it does not wait for anything. */
    transaction: <T>(work: () => T): T => db.transaction(work).immediate(),
    checkpoints: checkpointPart(db),
    /** Copies everything to a new database file, a piece at a time: nobody waits meanwhile. Throws the signal's reason. */
    copyTo(path: string, signal: AbortSignal): Promise<Snapshot> {
      lastSeen.flush()
      return copyDatabase(db, path, signal)
    },
    isOpen: (): boolean => db.open,
    /** Writes what is still in memory. */
    close(): void {
      if (!db.open) return
      lastSeen.flush()
      void search.stop()
      db.close()
    },
  }
}

export type Store = ReturnType<typeof openStore>

function allChanges() {
  return {
    /** Anything about devices, also that they were heard of. */
    devices: new Changes(),
    /** What devices are, are called and say of themselves; not that they were heard of. */
    deviceFacts: new Changes(),
    artifacts: new Changes(),
    deployments: new Changes(),
    timeline: new Changes(),
    keys: new Changes(),
    settings: new Changes(),
    audit: new Changes(),
    webhooks: new Changes(),
    recordings: new Changes(),
    boards: new Changes(),
    /** Some token may be no longer good: a key, a device or a user was changed or removed. */
    credentials: new Changes(),
  }
}

function connect(path: string): Db {
  // The import above loads JavaScript only; the binary is loaded by the constructor.
  if (Number(process.versions.napi) < NEEDED_NAPI) {
    throw new AppError(
      'ENGINE_STOPPED',
      `This Node (${process.versions.node}, Node-API ${process.versions.napi}) cannot load SQLite, which needs Node-API ${NEEDED_NAPI}`,
      'Start OTA Bench with ./run, which brings the right Node along, or use Node 24.',
    )
  }
  const db = new Database(path)
  try {
    db.pragma('journal_mode = WAL')
    // A commit is in the kernel's hands before it returns, so it survives any death of this process. FULL would also survive
    // a power cut of the bench computer, at one fsync a status report; a device repeats what was lost then, and WAL keeps the file whole.
    db.pragma('synchronous = NORMAL')
    migrate(db)
    db.pragma('optimize = 0x10002')
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}
