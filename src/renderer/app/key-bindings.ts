import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { ACTION_IDS, type ActionId, actionOf, type Scope } from './actions.ts'
import { isSingleCharacter } from './keys.ts'

/** What a person has changed of the keys; it outlives the window. */
interface Bindings {
  /** The keys of an action instead of those it comes with; empty for none. */
  changed: Partial<Record<ActionId, readonly string[]>>
  /** Whether single characters set anything off. */
  hasSingleKeys: boolean
  change: (id: ActionId, keys: readonly string[]) => void
  reset: (id: ActionId) => void
  resetAll: () => void
  setSingleKeys: (hasSingleKeys: boolean) => void
}

export const useBindings = create<Bindings>()(
  persist(
    (set) => ({
      changed: {},
      hasSingleKeys: true,
      change: (id, keys) => set(({ changed }) => ({ changed: { ...changed, [id]: keys } })),
      reset: (id) => set(({ changed }) => ({ changed: Object.fromEntries(Object.entries(changed).filter(([each]) => each !== id)) })),
      resetAll: () => set({ changed: {}, hasSingleKeys: true }),
      setSingleKeys: (hasSingleKeys) => set({ hasSingleKeys }),
    }),
    { name: 'keys', partialize: ({ changed, hasSingleKeys }) => ({ changed, hasSingleKeys }) },
  ),
)

type Changed = Pick<Bindings, 'changed' | 'hasSingleKeys'>

/** The keys of an action as they are now. */
export function keysOf(id: ActionId, { changed, hasSingleKeys }: Changed): readonly string[] {
  const keys = changed[id] ?? actionOf(id).keys
  return hasSingleKeys ? keys : keys.filter((chord) => !isSingleCharacter(chord))
}

/** The action that a chord means where the focus is: the place's own goes before the window's. */
export function actionFor(chord: string, scope: string | null, bindings: Changed): ActionId | null {
  const meant = ACTION_IDS.filter((id) => keysOf(id, bindings).includes(chord))
  return meant.find((id) => actionOf(id).scope === scope) ?? meant.find((id) => actionOf(id).scope === 'window') ?? null
}

const meet = (one: Scope, other: Scope): boolean => one === other || one === 'window' || other === 'window'

/** The actions that have this chord where `id` would be heard too. */
export function conflictsOf(id: ActionId, chord: string, bindings: Changed): ActionId[] {
  const { scope } = actionOf(id)
  return ACTION_IDS.filter((other) => other !== id && meet(scope, actionOf(other).scope) && keysOf(other, bindings).includes(chord))
}
