import type { Desktop } from './connection.ts'

/** Lets the person save a text as a file: by the system's dialog in the app, as a download in a browser. Answers whether it was written. */
export async function saveText(desktop: Desktop | null, suggestedName: string, text: string): Promise<boolean> {
  if (desktop !== null) return (await desktop.saveText({ suggestedName, text })).path !== null
  const url = URL.createObjectURL(new Blob([text]))
  const link = document.createElement('a')
  link.href = url
  link.download = suggestedName
  link.click()
  URL.revokeObjectURL(url)
  return true
}
