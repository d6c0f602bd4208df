import { useEffect } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Contrast = 'auto' | 'more'

/** How strong the contrast is: the system's wish, or more. It outlives the window. */
export const useContrast = create<{ contrast: Contrast; setContrast: (contrast: Contrast) => void }>()(
  persist((set) => ({ contrast: 'auto', setContrast: (contrast) => set({ contrast }) }), { name: 'contrast' }),
)

const WISH = '(prefers-contrast: more)'

/** Tells the style sheet while the frame stands. */
export function useContrastOfPage(): void {
  const { contrast } = useContrast()
  useEffect(() => {
    const system = window.matchMedia(WISH)
    const apply = (): void => {
      document.documentElement.dataset.contrast = contrast === 'more' || system.matches ? 'more' : 'usual'
    }
    apply()
    system.addEventListener('change', apply)
    return () => system.removeEventListener('change', apply)
  }, [contrast])
}
