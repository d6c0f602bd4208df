import { LABEL_MM, type LabelText } from './label-text.ts'

/** Of the usual print head: 203 dpi. */
const DOTS_MM = 8
const WIDTH = LABEL_MM.width * DOTS_MM
const HEIGHT = LABEL_MM.height * DOTS_MM
const TEXT_AT = 224

/** ZPL II. ^CI28 says that texts are UTF-8; the printer itself draws the QR code (^BQ model 2, correction Q). */
export function zplLabel({ serial, lines }: LabelText): string {
  const size = Math.max(20, Math.min(40, Math.floor(((WIDTH - TEXT_AT) * 1.7) / Math.max(1, serial.length))))
  return [
    '^XA',
    '^CI28',
    `^PW${WIDTH}`,
    `^LL${HEIGHT}`,
    '^LH0,0',
    `^FO16,16^BQN,2,${magnification(serial)}^FH^FDQA,${field(serial)}^FS`,
    `^FO${TEXT_AT},32^A0N,${size},${size}^FH^FD${field(serial)}^FS`,
    ...lines.map((line, index) => `^FO${TEXT_AT},${88 + 32 * index}^A0N,22,22^FH^FD${field(line)}^FS`),
    '^XZ',
    '',
  ].join('\n')
}

/** Dots a module, so that the code fits into the left of the label whatever its version. */
function magnification(text: string): number {
  if (text.length <= 20) return 7
  return text.length <= 60 ? 5 : 3
}

/** What would begin a command, or end the field, is written as ^FH says: _ and two hexadecimal digits. */
function field(text: string): string {
  const bytes = [...new TextEncoder().encode(text)]
  return bytes.map((byte) => (isPlain(byte) ? String.fromCodePoint(byte) : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('')
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && !'^~_\\'.includes(String.fromCodePoint(byte))
}
