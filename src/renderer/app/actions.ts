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

const ALWAYS = 'Not in this window'
const IN_APP = 'Only in the app'
const DEVICE = 'Choose a device on the Bench'
const ASKING = 'Choose a device that asks to join'
const BOARD = 'Choose a virtual board on the Bench'
const ARTIFACT = 'Choose an artifact in the library'

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
  ...{ section: 'Job', title, keys, needs: 'Choose a job', scope: 'jobs', orders: 'jobs', isInMenu: true, ...rest },
})

/**
 * Everything that can be done by its name, once: the menus, the palette, the keys and the sheet of shortcuts read it. Whoever can carry
 * one out offers it (see offers.ts).
 */
export const ACTIONS = {
  'go.bench': menu('Go', 'Bench', ['Mod+1']),
  'go.artifacts': menu('Go', 'Artifacts', ['Mod+2']),
  'go.flash': menu('Go', 'Flash', ['Mod+3']),
  'go.deployments': menu('Go', 'Deployments', ['Mod+4']),
  'go.jobs': menu('Go', 'Jobs', ['Mod+5']),
  'go.activity': menu('Go', 'Activity', ['Mod+6']),
  'go.settings': menu('Go', 'Settings', ['Mod+,']),
  'file.open': menu('File', 'Open…', ['Mod+O'], { needs: IN_APP }),
  'artifact.new': menu('File', 'New artifact…', ['Mod+N'], { needs: IN_APP, orders: 'artifacts' }),
  'artifact.add': menu('File', 'Add artifacts to the library…', [], { orders: 'artifacts' }),
  'flash.image': menu('File', 'Flash an image…', ['Mod+Shift+F']),
  'station.open': menu('File', 'Station…', [], { needs: IN_APP, orders: 'station' }),
  'window.palette': menu('View', 'Search or run a command…', ['Mod+K']),
  'window.filter': menu('View', 'Filter', ['/'], { needs: 'Nothing here can be filtered' }),
  'window.close': { ...menu('View', 'Close what is open', ['Escape']), isInMenu: false },
  'window.next-region': menu('View', 'Next part of the window', ['F6']),
  'window.previous-region': menu('View', 'Previous part of the window', ['Shift+F6']),
  'window.consoles': menu('View', 'Consoles', ['Mod+`']),
  'console.new': menu('File', 'New console…', [], { orders: 'consoles' }),
  'window.copy-link': menu('View', 'Copy the link of what is shown'),
  'window.zoom-in': menu('View', 'Larger', ['Mod++', 'Mod+='], { needs: IN_APP }),
  'window.zoom-out': menu('View', 'Smaller', ['Mod+-'], { needs: IN_APP }),
  'window.zoom-reset': menu('View', 'Normal size', ['Mod+0'], { needs: IN_APP }),
  'window.theme': menu('View', 'Change the theme'),
  'bench.start-virtual': menu('Device', 'Start the virtual bench', [], { orders: 'simulated' }),
  'bench.add-hardware': menu('Device', 'Add hardware…'),
  'bench.provision': menu('Device', 'Provision a board…', [], { needs: IN_APP, orders: 'provision' }),
  'bench.add-board': menu('Device', 'Add virtual board…', [], { orders: 'boards' }),
  'bench.preauthorize': menu('Device', 'Preauthorize devices…'),
  'bench.view': menu('View', 'Cards, table, topology or plots', ['Mod+Shift+V']),
  'bench.plots': menu('View', 'Plots of the fleet'),
  'device.mark': { ...ofDevice('Mark or unmark', ['Space']), isInMenu: false },
  'device.mark-all': ofDevice('Mark all', ['Mod+A'], { needs: 'Open the Bench' }),
  'device.inspect': ofDevice('Inspect', ['Enter']),
  'device.deploy': ofDevice('Deploy…', ['D'], { orders: 'deployments' }),
  'device.timeline': ofDevice('Timeline', ['L']),
  'device.explain': ofDevice('Why?', ['W'], { needs: 'Choose a device whose update has failed' }),
  'device.terminal': ofDevice('Terminal', ['T'], { orders: 'remote' }),
  'device.log': ofDevice('Log of the Mender client', ['O'], { orders: 'consoles' }),
  'device.accept': ofDevice('Accept', ['A'], { needs: ASKING, orders: 'devices' }),
  'device.reject': ofDevice('Reject', [], { needs: ASKING, orders: 'devices' }),
  'device.group': ofDevice('Group…', ['G'], { orders: 'groups' }),
  'board.console': ofDevice('Console', ['C'], { needs: BOARD, orders: 'consoles' }),
  'board.provision': ofDevice('Provision…', [], { needs: BOARD, orders: 'provision' }),
  'board.on': ofDevice('Power on', [], { needs: BOARD, orders: 'boards' }),
  'board.off': ofDevice('Power off', [], { needs: BOARD, orders: 'boards' }),
  'board.cut': ofDevice('Cut the power', [], { needs: BOARD, orders: 'boards' }),
  'board.reset': ofDevice('Reset', [], { needs: BOARD, orders: 'boards' }),
  'board.update': ofDevice('Make an update…', [], { needs: BOARD, orders: 'boards' }),
  'artifact.deploy': ofArtifact('Deploy…', ['D'], { orders: 'deployments' }),
  'artifact.compare': ofArtifact('Compare', ['C'], { needs: 'Mark two artifacts in the library' }),
  'artifact.mark': { ...ofArtifact('Mark or unmark', ['Space']), isInMenu: false },
  'artifact.mark-all': ofArtifact('Mark all', ['Mod+A'], { needs: 'Open the library' }),
  'artifact.remove': ofArtifact('Remove…', ['Delete'], { orders: 'artifacts' }),
  'job.cancel': ofJob('Cancel', ['Delete'], { needs: 'Choose a job that runs' }),
  'job.retry': ofJob('Start again', ['R'], { needs: 'Choose a job that has failed' }),
  'job.stop-all': menu('Job', 'Stop all…', ['Mod+Shift+X'], { needs: 'No job runs', orders: 'jobs' }),
  'server.accept-15-minutes': menu('Server', 'Accept new devices for 15 minutes', [], { orders: 'server' }),
  'help.shortcuts': menu('Help', 'Shortcuts', ['?']),
  'help.glossary': menu('Help', 'Glossary'),
  'help.diagnostics': menu('Help', 'Copy diagnostics'),
  'help.associate': menu('Help', 'Open .mender files with OTA Bench', [], { needs: IN_APP, orders: 'associations' }),
  'help.dissociate': menu('Help', 'Leave .mender files to other programs', [], { needs: IN_APP, orders: 'associations' }),
  'help.log-folder': menu('Help', 'Open the log folder', [], { needs: IN_APP }),
  'help.data-folder': menu('Help', 'Open the data folder', [], { needs: IN_APP }),
} as const satisfies Record<string, Action>

export type ActionId = keyof typeof ACTIONS

const isActionId = (text: string): text is ActionId => Object.hasOwn(ACTIONS, text)

export const ACTION_IDS: readonly ActionId[] = Object.keys(ACTIONS).filter(isActionId)

export const parseActionId = (text: string): ActionId | null => (isActionId(text) ? text : null)

/** An action of the table, its literals forgotten. */
export const actionOf = (id: ActionId): Action => ACTIONS[id]

/** Keys that move within lists: they stand in the sheet, and cannot be changed. */
export const MOVES: readonly (readonly [keys: string, what: string])[] = [
  ['Arrows', 'Move between cards, rows or tabs'],
  ['Shift+Arrows', 'Mark while moving'],
  ['Home, End', 'First and last'],
]
