import type { LabelText } from './label-text.ts'
import { pdfLabel } from './pdf.ts'
import { zplLabel } from './zpl.ts'

/** There is room for so many. */
const LABEL_LINES = 4

/** A label as its printer reads it: text in both formats. */
export function labelOf(format: 'zpl' | 'pdf', { serial, lines }: LabelText): string {
  const text = { serial, lines: lines.slice(0, LABEL_LINES) }
  return format === 'zpl' ? zplLabel(text) : pdfLabel(text)
}
