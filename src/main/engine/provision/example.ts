import type { ExampleKind } from '../../contract/provision.ts'
import type { ServerStatus } from '../../contract/server.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import { HOST_OF_BOARDS } from '../lib/qemu-network.ts'
import { resourcePath } from '../lib/resources.ts'

type Server = Pick<ServerStatus, 'urls' | 'http' | 'https' | 'caFile'>

/** A recipe that is shipped, with the address and the CA of this bench's server as far as it runs. */
export async function exampleRecipe(files: Files, kind: ExampleKind, server: Server): Promise<string> {
  const text = new TextDecoder().decode(await readWhole(files, resourcePath(`recipes/${kind}-board.yaml`)))
  const url = kind === 'virtual' ? urlForBoards(server) : server.urls[0]
  const said = (name: string, value: string | null | undefined) => (line: string) => (value ? `${name}: ${JSON.stringify(value)}` : line)
  return text.replace(/url: .*/, said('url', url)).replace(/ca: .*/, said('ca', server.caFile))
}

function urlForBoards({ http, https }: Server): string | null {
  const url = https ?? http
  if (url === null) return null
  const { protocol, port } = new URL(url)
  return `${protocol}//${HOST_OF_BOARDS}:${port}`
}
