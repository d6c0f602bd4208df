import { t } from '@lingui/core/macro'
/** Where a key is heard: in the whole window, or while the focus is inside an element with this `data-keys`. */
export type Scope = 'window' | 'bench' | 'artifacts' | 'jobs'

export type Section = 'Go' | 'File' | 'View' | 'Device' | 'Artifact' | 'Job' | 'Server' | 'Help'

export interface Action {
  title: string
  section: Section
  scope: Scope
  /** As they come; a person may change them. */
  keys: readonly string[]
  /** What has to be there first; said where nobody offers the action. */
  needs: string
  /** The group of operations that it orders something of: whose role may not, is told so. */
  orders?: string
  /** It stands in the menu of its section. */
  isInMenu?: boolean
}

/** What the sections are called. */
export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  Go: t`Go`,
  File: t`File`,
  View: t`View`,
  Device: t`Device`,
  Artifact: t`Artifact`,
  Job: t`Job`,
  Server: t`Server`,
  Help: t`Help`,
}

const ALWAYS = t`Not in this window`
const IN_APP = t`Only in the app`
const AT_MACHINE = t`Only in the app, or where the machine is shared`
const DEVICE = t`Choose a device on the Bench`
const ASKING = t`Choose a device that asks to join`
const BOARD = t`Choose a virtual board on the Bench`
const ARTIFACT = t`Choose an artifact in the library`

type Rest = Partial<Pick<Action, 'keys' | 'needs' | 'scope' | 'orders'>>

const menu = (section: Section, title: string, keys: readonly string[] = [], rest: Rest = {}): Action => ({
  ...{ section, title, keys, needs: ALWAYS, scope: 'window', isInMenu: true, ...rest },
})
const ofDevice = (title: string, keys: readonly string[] = [], rest: Rest = {}): Action => ({
  ...{ section: 'Device', title, keys, needs: DEVICE, scope: 'bench', isInMenu: true, ...rest },
})
const ofArtifact = (title: string, keys: readonly string[] = [], rest: Rest = {}): Action => ({
  ...{ section: 'Artifact', title, keys, needs: ARTIFACT, scope: 'artifacts', isInMenu: true, ...rest },
})
const ofJob = (title: string, keys: readonly string[] = [], rest: Rest = {}): Action => ({
  ...{ section: 'Job', title, keys, needs: t`Choose a job`, scope: 'jobs', orders: 'jobs', isInMenu: true, ...rest },
})

/**
 * Everything that can be done by its name, once: the menus, the palette, the keys and the sheet of shortcuts read it. Whoever can carry
 * one out offers it (see offers.ts).
 */
export const ACTIONS = {
  'go.bench': menu('Go', t`Bench`, ['Mod+1']),
  'go.artifacts': menu('Go', t`Artifacts`, ['Mod+2']),
  'go.flash': menu('Go', t`Flash`, ['Mod+3']),
  'go.deployments': menu('Go', t`Deployments`, ['Mod+4']),
  'go.jobs': menu('Go', t`Jobs`, ['Mod+5']),
  'go.activity': menu('Go', t`Activity`, ['Mod+6']),
  'go.settings': menu('Go', t`Settings`, ['Mod+,']),
  'file.open': menu('File', t`Open…`, ['Mod+O'], { needs: AT_MACHINE }),
  'artifact.new': menu('File', t`New artifact…`, ['Mod+N'], { needs: AT_MACHINE, orders: 'artifacts' }),
  'artifact.add': menu('File', t`Add artifacts to the library…`, [], { orders: 'artifacts' }),
  'flash.image': menu('File', t`Flash an image…`, ['Mod+Shift+F']),
  'flash.compose': menu('File', t`Compose a card image…`, [], { needs: AT_MACHINE, orders: 'compose' }),
  'flash.look': menu('File', t`Look into an image…`, [], { needs: AT_MACHINE }),
  'station.open': menu('File', t`Station…`, [], { needs: AT_MACHINE, orders: 'station' }),
  'window.palette': menu('View', t`Search or run a command…`, ['Mod+K']),
  'window.filter': menu('View', t`Filter`, ['/'], { needs: t`Nothing here can be filtered` }),
  'window.close': { ...menu('View', t`Close what is open`, ['Escape']), isInMenu: false },
  'window.next-region': menu('View', t`Next part of the window`, ['F6']),
  'window.previous-region': menu('View', t`Previous part of the window`, ['Shift+F6']),
  'window.consoles': menu('View', t`Consoles`, ['Mod+`']),
  'console.new': menu('File', t`New console…`, [], { orders: 'consoles' }),
  'window.copy-link': menu('View', t`Copy the link of what is shown`),
  'window.zoom-in': menu('View', t`Larger`, ['Mod++', 'Mod+='], { needs: IN_APP }),
  'window.zoom-out': menu('View', t`Smaller`, ['Mod+-'], { needs: IN_APP }),
  'window.zoom-reset': menu('View', t`Normal size`, ['Mod+0'], { needs: IN_APP }),
  'window.theme': menu('View', t`Change the theme`),
  'bench.start-virtual': menu('Device', t`Start the virtual bench`, [], { orders: 'simulated' }),
  'bench.add-hardware': menu('Device', t`Add hardware…`),
  'bench.provision': menu('Device', t`Provision a board…`, [], { needs: AT_MACHINE, orders: 'provision' }),
  'bench.add-board': menu('Device', t`Add virtual board…`, [], { orders: 'boards' }),
  'bench.preauthorize': menu('Device', t`Preauthorize devices…`),
  'bench.view': menu('View', t`Cards, table, topology or plots`, ['Mod+Shift+V']),
  'bench.plots': menu('View', t`Plots of the fleet`),
  'device.mark': { ...ofDevice(t`Mark or unmark`, ['Space']), isInMenu: false },
  'device.mark-all': ofDevice(t`Mark all`, ['Mod+A'], { needs: t`Open the Bench` }),
  'device.inspect': ofDevice(t`Inspect`, ['Enter']),
  'device.deploy': ofDevice(t`Deploy…`, ['D'], { orders: 'deployments' }),
  'device.timeline': ofDevice(t`Timeline`, ['L']),
  'device.explain': ofDevice(t`Why?`, ['W'], { needs: t`Choose a device whose update has failed` }),
  'device.terminal': ofDevice(t`Terminal`, ['T'], { orders: 'remote' }),
  'device.log': ofDevice(t`Log of the Mender client`, ['O'], { orders: 'consoles' }),
  'device.accept': ofDevice(t`Accept`, ['A'], { needs: ASKING, orders: 'devices' }),
  'device.reject': ofDevice(t`Reject`, [], { needs: ASKING, orders: 'devices' }),
  'device.group': ofDevice(t`Group…`, ['G'], { orders: 'groups' }),
  'board.console': ofDevice(t`Console`, ['C'], { needs: BOARD, orders: 'consoles' }),
  'board.provision': ofDevice(t`Provision…`, [], { needs: BOARD, orders: 'provision' }),
  'board.on': ofDevice(t`Power on`, [], { needs: BOARD, orders: 'boards' }),
  'board.off': ofDevice(t`Power off`, [], { needs: BOARD, orders: 'boards' }),
  'board.cut': ofDevice(t`Cut the power`, [], { needs: BOARD, orders: 'boards' }),
  'board.reset': ofDevice(t`Reset`, [], { needs: BOARD, orders: 'boards' }),
  'board.update': ofDevice(t`Make an update…`, [], { needs: BOARD, orders: 'boards' }),
  'artifact.deploy': ofArtifact(t`Deploy…`, ['D'], { orders: 'deployments' }),
  'artifact.compare': ofArtifact(t`Compare`, ['C'], { needs: t`Mark two artifacts in the library` }),
  'artifact.mark': { ...ofArtifact(t`Mark or unmark`, ['Space']), isInMenu: false },
  'artifact.mark-all': ofArtifact(t`Mark all`, ['Mod+A'], { needs: t`Open the library` }),
  'artifact.remove': ofArtifact(t`Remove…`, ['Delete'], { orders: 'artifacts' }),
  'job.cancel': ofJob(t`Cancel`, ['Delete'], { needs: t`Choose a job that runs` }),
  'job.retry': ofJob(t`Start again`, ['R'], { needs: t`Choose a job that has failed` }),
  'job.stop-all': menu('Job', t`Stop all…`, ['Mod+Shift+X'], { needs: t`No job runs`, orders: 'jobs' }),
  'server.accept-15-minutes': menu('Server', t`Accept new devices for 15 minutes`, [], { orders: 'server' }),
  'help.shortcuts': menu('Help', t`Shortcuts`, ['?']),
  'help.glossary': menu('Help', t`Glossary`),
  'help.diagnostics': menu('Help', t`Copy diagnostics`),
  'help.associate': menu('Help', t`Open .mender files with OTA Bench`, [], { needs: IN_APP, orders: 'associations' }),
  'help.dissociate': menu('Help', t`Leave .mender files to other programs`, [], { needs: IN_APP, orders: 'associations' }),
  'help.log-folder': menu('Help', t`Open the log folder`, [], { needs: IN_APP }),
  'help.data-folder': menu('Help', t`Open the data folder`, [], { needs: IN_APP }),
} as const satisfies Record<string, Action>

export type ActionId = keyof typeof ACTIONS

const isActionId = (text: string): text is ActionId => Object.hasOwn(ACTIONS, text)

export const ACTION_IDS: readonly ActionId[] = Object.keys(ACTIONS).filter(isActionId)

export const parseActionId = (text: string): ActionId | null => (isActionId(text) ? text : null)

/** An action of the table, its literals forgotten. */
export const actionOf = (id: ActionId): Action => ACTIONS[id]

/** Keys that move within lists: they stand in the sheet, and cannot be changed. */
export const MOVES: readonly (readonly [keys: string, what: string])[] = [
  [t`Arrows`, t`Move between cards, rows or tabs`],
  ['Shift+Arrows', t`Mark while moving`],
  [t`Home, End`, t`First and last`],
]
