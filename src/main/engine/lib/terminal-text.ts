/** What terminals are told, and not people: `ESC[6n`, `ESC[1;31m`, a title that ends with BEL or `ESC\`, a character set, a mode. */
const ESCAPES = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[()][A-Z0-9]|[=>78]|[@-Z\\^_])/g

/** A text of a console without what moves a cursor or colours it. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(ESCAPES, '')
}
