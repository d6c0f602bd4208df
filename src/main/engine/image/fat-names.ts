/** Names in FAT folders: eleven bytes of a code page, and over them long names in UTF-16. */

/** The upper half of code page 437, which Linux and mtools take for short names. */
const UPPER =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/** Flags of byte 12: the name, or its ending, is meant in small letters. */
const SMALL_BASE = 0x08
const SMALL_ENDING = 0x10

/** A short name as it is shown. */
export function shownShortName(stored: Uint8Array, caseFlags: number): string {
  const text = [...stored].map((byte) => (byte < 128 ? String.fromCharCode(byte) : (UPPER[byte - 128] ?? '_'))).join('')
  // The first byte 0x05 stands for 0xe5, which would mark a removed entry.
  const base = text.slice(0, 8).replace(/^\x05/, 'σ').trimEnd()
  const ending = text.slice(8, 11).trimEnd()
  const shownBase = (caseFlags & SMALL_BASE) !== 0 ? base.toLowerCase() : base
  const shownEnding = (caseFlags & SMALL_ENDING) !== 0 ? ending.toLowerCase() : ending
  return shownEnding === '' ? shownBase : `${shownBase}.${shownEnding}`
}

/** What two names of one folder may not have in common: FAT takes `a` and `A` for the same. */
export function foldedName(name: string): string {
  return Array.from(name, (letter) => {
    const upper = letter.toUpperCase()
    return upper.length === letter.length ? upper : letter
  }).join('')
}

/** The sum over a short name by which long entries are known to belong to it. */
export function shortNameSum(stored: Uint8Array): number {
  return stored.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0)
}
