import { z } from 'zod'
import type { ArtifactContent } from '../../contract/artifacts.ts'

type Payload = Pick<ArtifactContent, 'payloadType' | 'metaData'> & { files: readonly Pick<ArtifactContent['files'][number], 'name'>[] }
type Rule = (payload: Payload) => string[]

/** The payload has files of these names. */
function files(...names: string[]): Rule {
  return (payload) => names.filter((name) => !payload.files.some((file) => file.name === name))
}

function anyFile(extension: string): Rule {
  return (payload) =>
    payload.files.some(({ name }) => name.endsWith(extension)) ? [] : [extension === '' ? 'any file' : `a file *${extension}`]
}

function metaData(schema: z.ZodType, text: string): Rule {
  return (payload) => (schema.safeParse(payload.metaData).success ? [] : [text])
}

/** What the update modules that come with Mender's client, and its docker-compose module, look for when they install. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  'single-file': [files('dest_dir', 'filename')],
  directory: [files('update.tar', 'dest_dir')],
  deb: [anyFile('.deb')],
  rpm: [anyFile('.rpm')],
  script: [anyFile('')],
  docker: [metaData(z.looseObject({ containers: z.array(z.string()).min(1) }), 'a list "containers" in the meta-data')],
  'docker-compose': [
    files('images.tar.gz', 'manifests.tar'),
    metaData(z.looseObject({ project_name: z.string().min(1) }), 'a "project_name" in the meta-data'),
    metaData(z.looseObject({ version: z.literal('1') }), '"version": "1" in the meta-data'),
  ],
}

/** What Mender's own update module of this name would not find, in words. Somebody else's of the same name may do without. */
export function missingForModule(payload: Payload): string[] {
  const rules = Object.entries(RULES).find(([name]) => name === payload.payloadType)?.[1] ?? []
  return rules
    .flatMap((rule) => rule(payload))
    .map((what) => `the update module ${payload.payloadType} looks for ${what}, which is not there`)
}
