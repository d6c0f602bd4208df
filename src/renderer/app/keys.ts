/** What is needed of a keyboard event to name it. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const MODIFIERS = new Set(['Control', 'Meta', 'Alt', 'AltGraph', 'Shift', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

/**
 * The name of a key with what is held beside it: `Mod+Shift+F`, `?`, `Space`, `F6`. Mod is Ctrl, or ⌘. A symbol is named by what it
 * writes, whatever has to be held for it on this keyboard; a digit beside Mod by where it stands. null for a modifier alone.
 */
export function chordOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string | null {
  if (MODIFIERS.has(key)) return null
  const isMod = ctrlKey || metaKey
  const digit = isMod ? /^Digit(\d)$/.exec(code)?.[1] : undefined
  const name = digit ?? (key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key)
  const isSymbol = digit === undefined && name.length === 1 && !/\p{L}/u.test(name)
  return [isMod && 'Mod', altKey && 'Alt', shiftKey && !isSymbol && 'Shift', name].filter(Boolean).join('+')
}

/** Whether it is one character and nothing held: what speech input and a slipped hand set off (WCAG 2.1.4). */
export const isSingleCharacter = (chord: string): boolean => /^.$/u.test(chord)

/** Whether a chord neither types nor edits: it works in a text field too. */
export const worksWhileTyping = (chord: string): boolean => /^Mod\+(?![ACVXYZ]$|Shift\+Z$|Arrow|Backspace$)|(^|\+)F\d+$/.test(chord)

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
}

/** As it is printed on a key. */
export function shownChord(chord: string): string {
  return splitChord(chord)
    .map((part) => (part === 'Mod' ? 'Ctrl' : (NAMES[part] ?? part)))
    .join('+')
}

/** As Electron's menus want it. */
export function accelerator(chord: string): string {
  return splitChord(chord)
    .map((part) => (part === 'Mod' ? 'CmdOrCtrl' : part === '+' ? 'Plus' : part.replace(/^Arrow/, '')))
    .join('+')
}

/** As `aria-keyshortcuts` wants it. */
export const ariaChord = (chord: string): string =>
  splitChord(chord)
    .map((part) => (part === 'Mod' ? 'Control' : part))
    .join('+')

/** `Mod++` is Mod and the plus sign. */
function splitChord(chord: string): string[] {
  return chord.endsWith('++') ? [...chord.slice(0, -2).split('+'), '+'] : chord === '+' ? ['+'] : chord.split('+')
}
