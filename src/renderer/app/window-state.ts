import { t } from '@lingui/core/macro'
import type { BenchChip, BenchFilter } from '@contract/bench-filter.ts'
import type { Board } from '@contract/boards.ts'
import type { Place } from '@contract/desktop.ts'
import { create } from 'zustand'

export type ActivityTab = 'audit' | 'refused' | 'sessions'
export const SETTINGS_TABS = [
  ['server', t`Server`],
  ['tokens', t`Access tokens`],
  ['webhooks', t`Webhooks`],
  ['certificate', t`Certificate`],
  ['users', t`Users`],
  ['appearance', t`Appearance`],
  ['keys', t`Keyboard`],
] as const
export type SettingsTab = (typeof SETTINGS_TABS)[number][0]
export type InspectorTab = 'overview' | 'timeline' | 'history' | 'log' | 'inventory' | 'identity' | 'terminal' | 'files' | 'configuration'

interface Inspector {
  deviceId: string
  tab: InspectorTab
  /** Narrows the timeline to one deployment and asks for its cause. */
  deploymentId: string | null
}

/** What a deployment starts from: devices preset by a card, or an artifact preset by the library. */
interface DeployPreset {
  deviceIds: string[]
  artifactId: string | null
}

/** What the provisioning form knows of a virtual board. */
export type VirtualBoard = Pick<Board, 'name' | 'ssh'>

/** What the provisioning form starts from. */
export interface ProvisionPreset {
  road: 'ssh' | 'serial' | 'image'
  /** Of the road: a host, a port, an image file; empty when it is to be chosen. */
  place: string
  /** Of SSH. */
  tcpPort?: number
  /** Both roads to a virtual board. */
  board?: VirtualBoard
}

/** An artifact of the library, or a file of this machine. */
export type CompareSide = { id: string } | { path: string; allowExpansion?: boolean }

/** What is compared; null where it is still to be chosen. */
interface ComparePair {
  a: CompareSide | null
  b: CompareSide | null
}

/** The window's own state. Nothing of the engine is in it but names of what is selected. */
interface WindowState {
  place: Place
  /** The text that devices are filtered by, and what else. */
  filter: string
  chips: readonly BenchChip[]
  inspector: Inspector | null
  artifactId: string | null
  compare: ComparePair | null
  deploymentId: string | null
  jobId: string | null
  artifactsTab: 'library' | 'keys'
  activityTab: ActivityTab
  /** The recorded session that is looked at. */
  sessionId: string | null
  settingsTab: SettingsTab
  deploy: DeployPreset | null
  provision: ProvisionPreset | null
  /** The device, a virtual board, that an update is to be made for. */
  updateFor: string | null
  /** The card image that the sheet for a new virtual board begins with; null for a new system. */
  boardImage: string | null
  /** The image that the station's sheet begins with; null for the one it had last. */
  stationImage: string | null
  sheet: 'hardware' | 'preauthorize' | 'board' | 'shortcuts' | 'glossary' | 'new-artifact' | 'palette' | 'station' | null
  go: (place: Place) => void
  showActivity: (tab: ActivityTab) => void
  selectSession: (id: string | null) => void
  showSettings: (tab: SettingsTab) => void
  setFilter: (filter: string) => void
  setChips: (chips: readonly BenchChip[]) => void
  /** Goes to the bench, with this filter instead of the one it has. */
  showFiltered: (filter: BenchFilter) => void
  inspect: (deviceId: string, tab?: InspectorTab) => void
  explain: (deviceId: string, deploymentId: string) => void
  closeInspector: () => void
  selectArtifact: (id: string | null) => void
  showComparison: (pair: ComparePair | null) => void
  selectDeployment: (id: string | null) => void
  selectJob: (id: string | null) => void
  /** Goes to its place and selects it there. */
  showArtifact: (id: string) => void
  showDeployment: (id: string) => void
  showJob: (id: string) => void
  /** Goes to the keys that sign. */
  showKeys: () => void
  showArtifactsTab: (tab: 'library' | 'keys') => void
  askDeploy: (preset: DeployPreset) => void
  closeDeploy: () => void
  askProvision: (preset: ProvisionPreset) => void
  closeProvision: () => void
  showSheet: (sheet: WindowState['sheet']) => void
  /** Asks for an update for this device, a virtual board. */
  askUpdate: (deviceId: string | null) => void
  /** Asks for a virtual board with this card image. */
  askBoard: (boardImage: string) => void
  /** Asks for the setup of the station, with this image. */
  askStation: (stationImage: string | null) => void
}

export const useWindow = create<WindowState>((set) => ({
  place: 'bench',
  filter: '',
  chips: [],
  inspector: null,
  artifactId: null,
  compare: null,
  deploymentId: null,
  jobId: null,
  artifactsTab: 'library',
  activityTab: 'audit',
  sessionId: null,
  settingsTab: 'server',
  deploy: null,
  provision: null,
  updateFor: null,
  boardImage: null,
  stationImage: null,
  sheet: null,
  go: (place) => set({ place }),
  showActivity: (activityTab) => set({ place: 'activity', activityTab }),
  selectSession: (sessionId) => set({ place: 'activity', activityTab: 'sessions', sessionId }),
  showSettings: (settingsTab) => set({ place: 'settings', settingsTab }),
  setFilter: (filter) => set({ filter }),
  setChips: (chips) => set({ chips }),
  showFiltered: ({ text, chips }) => set({ place: 'bench', filter: text, chips }),
  inspect: (deviceId, tab = 'overview') => set({ place: 'bench', inspector: { deviceId, tab, deploymentId: null } }),
  explain: (deviceId, deploymentId) => set({ place: 'bench', inspector: { deviceId, tab: 'timeline', deploymentId } }),
  closeInspector: () => set({ inspector: null }),
  selectArtifact: (artifactId) => set({ artifactId }),
  showComparison: (compare) => set({ compare }),
  selectDeployment: (deploymentId) => set({ deploymentId }),
  selectJob: (jobId) => set({ jobId }),
  showArtifact: (artifactId) => set({ place: 'artifacts', artifactsTab: 'library', compare: null, artifactId }),
  showDeployment: (deploymentId) => set({ place: 'deployments', deploymentId }),
  showJob: (jobId) => set({ place: 'jobs', jobId }),
  showKeys: () => set({ place: 'artifacts', artifactsTab: 'keys', compare: null }),
  showArtifactsTab: (artifactsTab) => set({ artifactsTab }),
  askDeploy: (deploy) => set({ deploy }),
  closeDeploy: () => set({ deploy: null }),
  askProvision: (provision) => set({ provision }),
  closeProvision: () => set({ provision: null }),
  showSheet: (sheet) => set({ sheet, boardImage: null, stationImage: null }),
  askUpdate: (updateFor) => set({ updateFor }),
  askBoard: (boardImage) => set({ sheet: 'board', boardImage }),
  askStation: (stationImage) => set({ sheet: 'station', stationImage }),
}))
