import type { ServerStatus } from '../../contract/server.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import { resourcePath } from '../lib/resources.ts'

/** The recipe that is shipped, with the address and the CA of this bench's server. */
export async function exampleRecipe(files: Files, { urls, caFile }: Pick<ServerStatus, 'urls' | 'caFile'>): Promise<string> {
  const text = new TextDecoder().decode(await readWhole(files, resourcePath('recipes/debian-board.yaml')))
  return text
    .replace(/url: .*/, () => `url: ${JSON.stringify(urls[0] ?? '')}`)
    .replace(/ca: .*/, () => `ca: ${JSON.stringify(caFile ?? 'ca.pem')}`)
}
