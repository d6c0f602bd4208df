import { foldedName } from './fat-names.ts'

const ALLOWED = /^[A-Z0-9!#$%&'()@^_`{}~-]+$/

/** The eleven bytes of a name in capital letters that needs no long one, or null. */
export function exactShortName(name: string): Uint8Array | null {
  const [, base = '', ending = ''] = /^([^.]{1,8})(?:\.([^.]{1,3}))?$/.exec(name) ?? []
  return ALLOWED.test(base) && (ending === '' || ALLOWED.test(ending)) ? storedShortName(base, ending) : null
}

function storedShortName(base: string, ending: string): Uint8Array {
  return Uint8Array.from(base.padEnd(8) + ending.padEnd(3), (letter) => letter.charCodeAt(0))
}

/** The short name that stands beside a long one: its first letters, and a number that no other in the folder has. */
export function numberedShortName(name: string, isTaken: (stored: Uint8Array) => boolean): Uint8Array {
  const plain = foldedName(name).replaceAll(/^[. ]+| /g, '')
  const dot = plain.lastIndexOf('.')
  const clean = (text: string) => text.replaceAll('.', '').replaceAll(/[^A-Z0-9!#$%&'()@^_`{}~-]/gu, '_')
  const base = clean(dot > 0 ? plain.slice(0, dot) : plain) || '_'
  const ending = dot > 0 ? clean(plain.slice(dot + 1)).slice(0, 3) : ''
  for (let number = 1; ; number++) {
    const tail = `~${number}`
    const stored = storedShortName(base.slice(0, 8 - tail.length) + tail, ending)
    if (!isTaken(stored)) return stored
  }
}

export const MAX_NAME_UNITS = 255

/** Whether a file of FAT may be called so by Linux and Windows. */
export function isFatName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME_UNITS && !/[\0-\x1f"*/:<>?\\|\x7f]|[. ]$/.test(name)
}
