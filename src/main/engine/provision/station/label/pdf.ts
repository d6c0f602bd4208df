import { encode } from 'uqr'
import { LABEL_MM, type LabelText } from './label-text.ts'

const POINTS_MM = 72 / 25.4
const [WIDTH, HEIGHT] = [LABEL_MM.width * POINTS_MM, LABEL_MM.height * POINTS_MM]
const QR_POINTS = 24 * POINTS_MM
const MARGIN = 3 * POINTS_MM
const TEXT_AT = QR_POINTS + 2 * MARGIN

/** One page of PDF 1.4, in ASCII alone: the code as filled squares, texts in a font that every reader has. */
export function pdfLabel({ serial, lines }: LabelText): string {
  const size = Math.min(14, ((WIDTH - TEXT_AT - MARGIN) * 1.7) / Math.max(1, serial.length))
  const drawing = [
    '0 g',
    squares(serial),
    text(serial, { font: 'F1', size, y: HEIGHT - MARGIN - 14 }),
    ...lines.map((line, index) => text(line, { font: 'F2', size: 8, y: HEIGHT - MARGIN - 30 - 12 * index })),
  ].join('\n')
  return documentOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${number(WIDTH)} ${number(HEIGHT)}] /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> /Contents 6 0 R >>`,
    fontOf('Helvetica-Bold'),
    fontOf('Helvetica'),
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
  ])
}

function fontOf(name: string): string {
  return `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`
}

/** A row of black modules is one rectangle: thin white lines between squares mislead cameras. */
function squares(serial: string): string {
  const { data, size } = encode(serial, { ecc: 'M', border: 0 })
  const side = QR_POINTS / size
  const top = HEIGHT - (HEIGHT - QR_POINTS) / 2
  const rectangles = data.flatMap((row, y) =>
    runs(row).map(({ start, length }) => [MARGIN + start * side, top - (y + 1) * side, length * side, side].map(number).join(' ')),
  )
  return rectangles.map((each) => `${each} re`).join('\n') + '\nf'
}

function runs(row: readonly boolean[]): { start: number; length: number }[] {
  const found: { start: number; length: number }[] = []
  for (const [at, isBlack] of row.entries()) {
    const last = found.at(-1)
    if (!isBlack) continue
    if (last && last.start + last.length === at) last.length += 1
    else found.push({ start: at, length: 1 })
  }
  return found
}

function text(content: string, { font, size, y }: { font: string; size: number; y: number }): string {
  return `BT /${font} ${number(size)} Tf ${number(TEXT_AT)} ${number(y)} Td (${literal(content)}) Tj ET`
}

/** In WinAnsi, as far as that is Latin-1; other letters become question marks, and stand in the code as they are. */
function literal(content: string): string {
  return Array.from(content)
    .map((letter) => {
      const code = letter.codePointAt(0) ?? 0
      if ('()\\'.includes(letter)) return `\\${letter}`
      if (code >= 0x20 && code < 0x7f) return letter
      return code >= 0xa0 && code <= 0xff ? `\\${code.toString(8)}` : '?'
    })
    .join('')
}

function number(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}

/** Objects from number 1 on, with the table of where each begins. */
function documentOf(objects: readonly string[]): string {
  let body = '%PDF-1.4\n'
  const places: number[] = []
  for (const [index, object] of objects.entries()) {
    places.push(body.length)
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const entries = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`
  return `${body}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}${trailer}`
}
