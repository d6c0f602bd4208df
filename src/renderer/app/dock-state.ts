import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** What the form for a new console starts from. */
export interface ConsolePreset {
  deviceId?: string
  /** A serial port. */
  path?: string
  /** A host to log in to. */
  host?: string
  port?: number
}

/** The dock at the foot of the window. The consoles are the engine's; what is seen of them is the window's own. */
interface DockState {
  isOpen: boolean
  heightPx: number
  hasTimes: boolean
  /** The console that is looked at. */
  currentId: string | null
  /** The form for a new one is open, and starts from this. */
  preset: ConsolePreset | null
  toggle: () => void
  resize: (heightPx: number) => void
  setTimes: (hasTimes: boolean) => void
  look: (id: string | null) => void
  /** Opens the dock with a console. */
  show: (id: string) => void
  /** Opens the dock with the form for a new console. */
  ask: (preset?: ConsolePreset) => void
  stopAsking: () => void
}

const LOWEST_PX = 160

export const useDock = create<DockState>()(
  persist(
    (set) => ({
      isOpen: false,
      heightPx: 320,
      hasTimes: false,
      currentId: null,
      preset: null,
      toggle: () => set(({ isOpen }) => ({ isOpen: !isOpen })),
      resize: (heightPx) => set({ heightPx: Math.round(Math.max(LOWEST_PX, Math.min(heightPx, window.innerHeight - 180))) }),
      setTimes: (hasTimes) => set({ hasTimes }),
      look: (currentId) => set({ currentId, preset: null }),
      show: (currentId) => set({ isOpen: true, currentId, preset: null }),
      ask: (preset = {}) => set({ isOpen: true, preset }),
      stopAsking: () => set({ preset: null }),
    }),
    { name: 'dock', partialize: ({ isOpen, heightPx, hasTimes, currentId }) => ({ isOpen, heightPx, hasTimes, currentId }) },
  ),
)
