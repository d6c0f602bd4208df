import type { LayoutSource } from '@contract/compose.ts'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { type ComposeDraft, EMPTY_DRAFT } from './compose-draft.ts'

/** How many images are remembered. */
const RECENT_COUNT = 8

/** What is being prepared: the window's own, and kept while another place is open. Images and what is remembered outlive the window. */
interface FlashState {
  imagePath: string | null
  /** What the chosen image was composed of; null where it was found. */
  layout: LayoutSource | null
  isComposing: boolean
  /** The layout file that is composed as it is, instead of the form. */
  layoutFile: string | null
  draft: ComposeDraft
  /** Keys of the drives that are ticked; see driveKey. */
  chosen: readonly string[]
  verify: boolean
  differential: boolean
  hasLoops: boolean
  hasSound: boolean
  /** Paths, the last used first. */
  recents: readonly string[]
  /** The image or drive that is looked into, and which of its partitions. */
  inspected: { path: string; partition: number | null } | null
  chooseImage: (path: string | null, layout?: LayoutSource | null) => void
  setComposing: (isComposing: boolean, layoutFile?: string | null) => void
  setDraft: (draft: ComposeDraft) => void
  forgetRecent: (path: string) => void
  toggleDrive: (key: string) => void
  chooseDrives: (keys: readonly string[]) => void
  set: (options: Partial<Pick<FlashState, 'verify' | 'differential' | 'hasLoops' | 'hasSound'>>) => void
  inspect: (path: string | null, partition?: number | null) => void
}

export const useFlash = create<FlashState>()(
  persist(
    (set) => ({
      imagePath: null,
      layout: null,
      isComposing: false,
      layoutFile: null,
      draft: EMPTY_DRAFT,
      chosen: [],
      verify: true,
      differential: false,
      hasLoops: false,
      hasSound: true,
      recents: [],
      inspected: null,
      chooseImage: (imagePath, layout = null) =>
        set(({ recents }) => ({
          imagePath,
          layout,
          inspected: null,
          recents: imagePath === null ? recents : [imagePath, ...recents.filter((each) => each !== imagePath)].slice(0, RECENT_COUNT),
        })),
      setComposing: (isComposing, layoutFile = null) => set({ isComposing, layoutFile }),
      setDraft: (draft) => set({ draft }),
      forgetRecent: (path) => set(({ recents }) => ({ recents: recents.filter((each) => each !== path) })),
      toggleDrive: (key) =>
        set(({ chosen }) => ({ chosen: chosen.includes(key) ? chosen.filter((each) => each !== key) : [...chosen, key] })),
      chooseDrives: (chosen) => set({ chosen }),
      set: (options) => set(options),
      inspect: (path, partition = null) => set({ inspected: path === null ? null : { path, partition } }),
    }),
    { name: 'flash', partialize: ({ recents, verify, hasLoops, hasSound }) => ({ recents, verify, hasLoops, hasSound }) },
  ),
)
