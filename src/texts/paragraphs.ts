/** Lines that follow each other from the margin; what is set in from it is an example, and stands as it is. */
const PARAGRAPH = /^\S.*(?:\n\S.*)*/gm

const unbroken = (paragraph: string): string => paragraph.replaceAll('\n', ' ')

/** The paragraphs of a text whose lines are broken where they are full, each without its breaks. */
export const paragraphsOf = (text: string): string[] => (text.match(PARAGRAPH) ?? []).map(unbroken)

/** The text with each paragraph said by `say`; one that is said otherwise is broken anew by `wrap`. */
export function inParagraphs(text: string, say: (paragraph: string) => string, wrap: (paragraph: string) => string): string {
  return text.replaceAll(PARAGRAPH, (paragraph) => {
    const words = unbroken(paragraph)
    const said = say(words)
    return said === words ? paragraph : wrap(said)
  })
}
