/** How far the making of a unit has come. Each is written down before what it names is begun. */
export const UNIT_STATES = ['allocated', 'writing', 'preauthorizing', 'preauthorized', 'labelling', 'sealing'] as const
export type UnitState = (typeof UNIT_STATES)[number]

/** What a unit that stops in a state may have left behind. */
interface Traces {
  /** `unfinished`: its first block says so, and nothing boots from it. `unknown`: it may be whole. */
  card: 'as-it-was' | 'unfinished' | 'unknown'
  /** Whether the server may know the device. */
  isOnServer: boolean
  /** Whether a label may have left the printer. */
  isLabelled: boolean
}

const TRACES: Readonly<Record<UnitState, Traces>> = {
  allocated: { card: 'as-it-was', isOnServer: false, isLabelled: false },
  writing: { card: 'unfinished', isOnServer: false, isLabelled: false },
  preauthorizing: { card: 'unfinished', isOnServer: true, isLabelled: false },
  preauthorized: { card: 'unfinished', isOnServer: true, isLabelled: false },
  labelling: { card: 'unfinished', isOnServer: true, isLabelled: true },
  sealing: { card: 'unknown', isOnServer: true, isLabelled: true },
}

/** What a unit is made with: traces of what it is made without are none. */
interface MadeWith {
  hasServer: boolean
  hasLabel: boolean
}

/** How a unit that stopped in a state is taken back. */
export interface Undo {
  /** The server has to forget the device. */
  withdraws: boolean
  /** What nobody can take back, a sentence each. */
  notUndone: string[]
}

/** Pure: the same for a step that failed and for a bench that was killed. */
export function undoOf(state: UnitState, serial: string, { hasServer, hasLabel }: MadeWith): Undo {
  const { card, isOnServer, isLabelled } = TRACES[state]
  return {
    withdraws: isOnServer && hasServer,
    notUndone: [
      ...(isLabelled && hasLabel ? [`A label ${serial} may have been printed: tear it up`] : []),
      ...(card === 'unknown' ? [`The card may be whole and say ${serial}: write it again`] : []),
    ],
  }
}

export type NumberRule = 'void' | 'give-again'

/**
 * What becomes of the number. It is given again only where the rule says so and nothing that bears it is left; and never where the server
 * had it already.
 */
export function numberAfter(rule: NumberRule, { notUndone, isTaken }: { notUndone: readonly string[]; isTaken: boolean }): 'void' | 'free' {
  return rule === 'give-again' && notUndone.length === 0 && !isTaken ? 'free' : 'void'
}
