import type { Piece } from './flow.ts'

/** Stands for a value. */
const VALUE = '\0'

const CODE =
  /[\n\t\r<>{}\\|=]|\$\(|&&| {2}|^[-$&[.#]|^(?:sudo|exec|rm|cat|chmod|dpkg|echo|systemctl|update-rc\.d) |^bytes [*\0]|'(?:none|self)'|\b(?:SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|AND|LEFT JOIN|COUNT)\b|^'/

/** Whether these pieces are words for people, not a path, an address, a key or code. */
export function isWording(pieces: readonly Piece[], isWhole: boolean): boolean {
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : VALUE)).join('')
  if (CODE.test(text)) return false
  const tokens = text.split(/[\s\0]+/).filter((token) => /[\p{L}\d]/u.test(token) && !isName(token))
  const words = tokens.filter((token) => isWord(token))
  // one word behind a path is how something is called
  if (text.startsWith('/') && words.length < 2) return false
  if (words.length >= 2) return words.length * 2 >= tokens.length
  return words.length === 1 && isOneWord(text, isWhole)
}

/** One word is a sentence where something is said, and so is one with a value beside it. */
function isOneWord(text: string, isWhole: boolean): boolean {
  if (!/[a-z]{2}/.test(text)) return false
  return text.includes(VALUE) ? /(?:^|\s)[A-Za-z]{2,}[.,;:]?(?:\s|$)/.test(text) : isWhole && /^[A-Z][a-z]+[.…]?$/.test(text)
}

/** Whether there is anything to translate where what stands there is said for certain. */
export function hasWords(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => typeof piece === 'string' && /[a-z]{2}/.test(piece))
}

const isWord = (token: string): boolean => /^["'(]?[A-Za-z][a-z]*(?:[-'’][a-z]+)*["')]?[.,;:!?…]?$/.test(token)

/** PEM, GPT, PKCS#11. */
const isName = (token: string): boolean => /^[A-Z][A-Z0-9#-]+[.,;:]?$/.test(token)
