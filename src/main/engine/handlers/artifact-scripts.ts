import { AppError } from '../../contract/errors.ts'
import { readArtifact } from '../artifact/read.ts'
import { shownText } from '../lib/shown-text.ts'
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
        scripts.push({ name, text: shownText(content.subarray(0, SHOWN_BYTES), content.length) })
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
