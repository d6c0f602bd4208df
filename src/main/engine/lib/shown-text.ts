/** The beginning of a file as text, with a line that says how much is left out; null for what is no text. */
export function shownText(content: Uint8Array, sizeBytes: number): string | null {
  if (content.includes(0)) return null
  const text = new TextDecoder().decode(content)
  return sizeBytes > content.length ? `${text}\n… ${sizeBytes - content.length} bytes more` : text
}
