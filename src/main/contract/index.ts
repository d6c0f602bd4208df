import { artifacts } from './artifacts.ts'
import { associations } from './associations.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { boards } from './boards.ts'
import { comparisons } from './comparisons.ts'
import { consoles } from './consoles.ts'
import { compose } from './compose.ts'
import { deployments } from './deployments.ts'
import { devices } from './devices.ts'
import { discovery } from './discovery.ts'
import { doctor } from './doctor.ts'
import { drives } from './drives.ts'
import { flash } from './flash.ts'
import { folders } from './folders.ts'
import { groups } from './groups.ts'
import { images } from './images.ts'
import { jobs } from './jobs.ts'
import { keys } from './keys.ts'
import { opened } from './opened.ts'
import { recipes } from './recipes.ts'
import { recordings } from './recordings.ts'
import { provision } from './provision.ts'
import { remote } from './remote.ts'
import { serial } from './serial.ts'
import { server } from './server.ts'
import { simulated } from './simulated.ts'
import { station } from './station.ts'
import { topology } from './topology.ts'
import { tokens } from './tokens.ts'
import { account, users } from './users.ts'
import { webhooks } from './webhooks.ts'

/** Everything that may be asked of an engine. One line an operation; the types of both sides follow from it. */
export const contract = {
  account,
  artifacts,
  associations,
  audit,
  backup,
  boards,
  comparisons,
  compose,
  consoles,
  deployments,
  devices,
  discovery,
  doctor,
  drives,
  flash,
  folders,
  groups,
  images,
  jobs,
  keys,
  opened,
  recipes,
  recordings,
  provision,
  remote,
  serial,
  server,
  simulated,
  station,
  tokens,
  topology,
  users,
  webhooks,
}
