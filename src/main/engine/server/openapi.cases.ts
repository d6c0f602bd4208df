import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

/** The document lies beside the checkout; without it the checks pass and say so once. */
const FILE = join(import.meta.dirname, '../../../../../shared/mender-api/openapi.yaml')

export interface Answer {
  status: number
  /** As the server sent it, without parameters. */
  contentType: string
  headers: Record<string, unknown>
  body: string
}

const response = z.object({
  headers: z.record(z.string(), z.unknown()).optional(),
  content: z.record(z.string(), z.object({ schema: z.unknown() })).optional(),
})
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
const operation = z.object({ responses: z.record(z.string(), z.unknown()) })

/**
 * Answers how `answer` to `method` `path` (a template of the document, as `/a/{id}`) breaks the OpenAPI document: nothing when it
 * keeps to it, one sentence a breach otherwise.
 */
export type ContractCheck = (method: string, path: string, answer: Answer) => string[]

export function openApiCheck(): ContractCheck {
  if (!existsSync(FILE)) {
    console.log(`No OpenAPI document at ${FILE}: answers are not checked against it`)
    return () => []
  }
  const parsed: unknown = parse(readFileSync(FILE, 'utf8'))
  const { paths } = document.parse(parsed)
  return (method, path, answer) => {
    const found = operation.safeParse(paths[path]?.[method.toLowerCase()])
    if (!found.success) return [`${method} ${path} is not in the document`]
    const declared = found.data.responses[String(answer.status)]
    if (declared === undefined) return [`${method} ${path} must not answer ${answer.status}: ${answer.body}`]
    return breaches(response.parse(resolved(parsed, declared)), answer).map((breach) => `${method} ${path} ${answer.status}: ${breach}`)
  }
}

/** Every operation of the document below a prefix, as `GET /v1/…` without it; none without the document. */
export function documentedOperations(prefix: string): string[] {
  if (!existsSync(FILE)) return []
  const { paths } = document.parse(parse(readFileSync(FILE, 'utf8')))
  return Object.entries(paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, operations]) =>
      METHODS.filter((method) => method in operations).map((method) => `${method.toUpperCase()} ${path.slice(prefix.length)}`),
    )
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

function breaches({ headers = {}, content = {} }: z.infer<typeof response>, answer: Answer): string[] {
  const missing = Object.keys(headers).filter((name) => answer.headers[name.toLowerCase()] === undefined)
  return [...missing.map((name) => `the header ${name} is missing`), ...bodyBreaches(content, answer)]
}

function bodyBreaches(content: Record<string, { schema: unknown }>, { body, contentType, status }: Answer): string[] {
  // A refusal may say why, also where the document shows no body.
  if (Object.keys(content).length === 0 && status >= 400) return []
  if (Object.keys(content).length === 0) return body === '' ? [] : [`a body where there must be none: ${body}`]
  const declared = content[contentType]
  if (!declared) return [`the content type is ${contentType}, not one of ${Object.keys(content).join(' ')}`]
  // A schema out of the document is of no type known here; zod refuses what it cannot read.
  const schema = z.fromJSONSchema(z.record(z.string(), z.json()).parse(declared.schema), { defaultTarget: 'openapi-3.0' })
  const value: unknown = contentType === 'application/json' ? JSON.parse(body) : body
  const result = schema.safeParse(value)
  return result.success ? [] : [`${z.prettifyError(result.error)} in ${body.slice(0, 2000)}`]
}

const reference = z.object({ $ref: z.string() })

/** The value with every `$ref` replaced by what it points at; the document has no reference in a circle. Examples go. */
function resolved(whole: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolved(whole, entry))
  const pointer = reference.safeParse(value)
  if (pointer.success) return resolved(whole, follow(whole, pointer.data.$ref))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name, entry]) => !(name === 'example' && typeof entry !== 'object') && name !== 'examples')
  return Object.fromEntries(kept.map(([name, entry]) => [name, resolved(whole, entry)]))
}

function follow(whole: unknown, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce((at: unknown, step) => z.record(z.string(), z.unknown()).parse(at)[step.replaceAll('~1', '/').replaceAll('~0', '~')], whole)
}
