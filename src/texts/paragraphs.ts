/** Lines that follow each other from the margin; what is set in from it is an example, and stands as it is. */
const PARAGRAPH = /^\S.*(?:\n\S.*)*/gm

const unbroken = (paragraph: string): string => paragraph.replaceAll('\n', ' ')

/** The paragraphs of a text whose lines are broken where they are full, each without its breaks. */
export const paragraphsOf = (text: string): string[] => (text.match(PARAGRAPH) ?? []).map(unbroken)

/** The text with each paragraph, its lines made one, as `change` has it. */
export function inParagraphs(text: string, change: (paragraph: string) => string): string {
  return text.replaceAll(PARAGRAPH, (paragraph) => change(unbroken(paragraph)))
}
