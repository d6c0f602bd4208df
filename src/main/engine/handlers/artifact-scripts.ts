import { AppError } from '../../contract/errors.ts'
import { readArtifact } from '../artifact/read.ts'
import type { EngineParts } from '../parts.ts'

/** What is shown of one script. */
const SHOWN_BYTES = 64 * 1024

interface ScriptText {
  name: string
  /** null for what is no text. */
  text: string | null
}

/** The state scripts of an artifact of the library. Reads its file as far as the header. */
export async function scriptTexts(id: string, { actions }: EngineParts): Promise<ScriptText[]> {
  const scripts: ScriptText[] = []
  const headerRead = new AppError('CANCELLED', 'The header is read')
  try {
    await readArtifact(actions.artifactFiles.read(id), {
      onScript: (name, content) => {
        scripts.push({ name, text: textOf(content) })
        return Promise.resolve()
      },
      onHeader: () => {
        throw headerRead
      },
    })
  } catch (thrown) {
    if (thrown !== headerRead) throw thrown
  }
  return scripts
}

function textOf(content: Uint8Array): string | null {
  const shown = content.subarray(0, SHOWN_BYTES)
  if (shown.includes(0)) return null
  const text = new TextDecoder().decode(shown)
  return content.length > SHOWN_BYTES ? `${text}\n… ${content.length - SHOWN_BYTES} bytes more` : text
}
