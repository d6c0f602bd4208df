import { z } from 'zod'
import { toAppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { EMPTY_TYPE_WARNING, type HeaderOptions, OLD_FORMAT_WARNING, expandedHeader } from './header.ts'
import { quoted } from './invalid.ts'
import type { Described, Finding } from './lint.ts'
import { filesJson, headerInfo2, headerInfo3, metaDataJson, typeInfo2, typeInfo3 } from './schema.ts'
import { SCRIPT_NAME_HINT, isScriptName } from './scripts.ts'
import { parseStrictJson } from './strict-json.ts'
import { TarReader } from './tar-read.ts'

/** Takes findings; the same one twice is one. */
export class Findings {
  readonly #byMessage = new Map<string, Finding>()

  get all(): Finding[] {
    return [...this.#byMessage.values()].toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
  }

  get hasRefusal(): boolean {
    return this.all.some(({ severity }) => severity === 'refused')
  }

  refuse(message: string): void {
    this.add([{ severity: 'refused', message }])
  }

  warn(message: string): void {
    this.add([{ severity: 'warning', message }])
  }

  add(findings: readonly Finding[]): void {
    for (const finding of findings) if (!this.#byMessage.has(finding.message)) this.#byMessage.set(finding.message, finding)
  }

  /** Runs `work`; a file that is no good becomes a finding. Answers whether it came to its end. */
  async holds(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (thrown) {
      const error = toAppError(thrown)
      if (error.code !== 'ARTIFACT_INVALID' && error.code !== 'SIGNATURE_INVALID') throw thrown
      this.refuse(error.message)
      return false
    }
  }

  /** JSON of the artifact, with every place at which it breaks its schema; null when it does. */
  json<T>(bytes: Uint8Array, schema: z.ZodType<T>, where: string): T | null {
    const value = this.#parsed(bytes, where)
    if (value === undefined) return null
    const checked = schema.safeParse(value)
    for (const { path, message } of checked.error?.issues ?? [])
      this.refuse(`${where}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`)
    return checked.success ? checked.data : null
  }

  #parsed(bytes: Uint8Array, where: string): unknown {
    try {
      return parseStrictJson(bytes, z.unknown(), where)
    } catch (thrown) {
      this.refuse(toAppError(thrown).message)
      return undefined
    }
  }
}

/** What the header says as far as it can be understood. */
export interface HeaderFacts extends Described {
  payloadType: string | null | undefined
}

/** The place of an entry in the one order that every reader takes. */
const RANKS = ['header-info', 'scripts/', 'headers/0000/files', 'headers/0000/type-info', 'headers/0000/meta-data'] as const
type Part = (typeof RANKS)[number]

function partOf(name: string): Part | undefined {
  return RANKS.find((part) => (part === 'scripts/' ? name.startsWith(part) : name === part))
}

/** Everything in header.tar that a client would refuse, and what the header says all the same. */
export async function examineHeader(stored: Uint8Array, options: HeaderOptions, findings: Findings): Promise<HeaderFacts> {
  const bytes = new ByteReader(expandedHeader(stored, options), 'header.tar')
  const entries = new Map<string, Uint8Array>()
  try {
    await findings.holds(() => collect(new TarReader(bytes, options.limits.pax), { options, entries, findings }))
  } finally {
    await bytes.close()
  }
  return factsOf(entries, options.formatVersion, findings)
}

interface Collection {
  options: HeaderOptions
  entries: Map<string, Uint8Array>
  findings: Findings
}

async function collect(tar: TarReader, { options, entries, findings }: Collection): Promise<void> {
  const { limits } = options
  let [reached, count] = [0, 0]
  for (let entry = await tar.next(); entry; entry = await tar.next()) {
    if (++count > limits.entries) return findings.refuse(`header.tar has more than the ${limits.entries} entries that are accepted`)
    const { name } = entry
    const part = partOf(name)
    const rank = part === undefined ? -1 : RANKS.indexOf(part)
    if (part === undefined) findings.refuse(strangerText(name))
    else if (entries.has(name)) findings.refuse(`header.tar: ${quoted(name)} is there twice`)
    else if (rank < reached) findings.refuse(`header.tar: ${quoted(name)} stands behind what it must stand before`)
    reached = Math.max(reached, rank)
    if (part === 'scripts/') {
      if (!isScriptName(name.slice(part.length)))
        findings.refuse(`header.tar: ${quoted(name)} is not the name of a state script. ${SCRIPT_NAME_HINT}`)
      if (entry.sizeBytes > limits.script)
        findings.refuse(`header.tar: ${quoted(name)} has ${entry.sizeBytes} bytes, more than ${limits.script}`)
      entries.set(name, new Uint8Array(0))
    } else if (part !== undefined && !entries.has(name)) entries.set(name, await tar.contentWhole(limits.json))
  }
}

function strangerText(name: string): string {
  if (/^headers\/\d+\//.test(name)) return `header.tar: ${quoted(name)} is of another payload; the client takes exactly one`
  return `header.tar: ${quoted(name)} does not belong there`
}

type Entries = ReadonlyMap<string, Uint8Array>

function factsOf(entries: Entries, formatVersion: number, findings: Findings): HeaderFacts {
  const metaData = entries.get('headers/0000/meta-data')
  if (metaData && metaData.length > 0) findings.json(metaData, metaDataJson, 'meta-data')
  const take = <T>(name: string, schema: z.ZodType<T>): T | null => {
    const bytes = entries.get(name)
    if (bytes) return findings.json(bytes, schema, name.slice(name.lastIndexOf('/') + 1))
    findings.refuse(`header.tar: ${name} is missing`)
    return null
  }
  return formatVersion === 2 ? facts2(take, findings) : facts3(take, { entries, findings })
}

type Take = <T>(name: string, schema: z.ZodType<T>) => T | null

function facts2(take: Take, findings: Findings): HeaderFacts {
  findings.refuse(OLD_FORMAT_WARNING)
  take('headers/0000/files', filesJson)
  take('headers/0000/type-info', typeInfo2)
  const info = take('header-info', headerInfo2)
  const payloadType = onlyType(info?.updates, findings)
  return { name: info?.artifact_name ?? '', deviceTypes: info?.device_types_compatible ?? [], depends: {}, payloadType }
}

function facts3(take: Take, { entries, findings }: { entries: Entries; findings: Findings }): HeaderFacts {
  if (entries.has('headers/0000/files')) findings.refuse('header.tar: "headers/0000/files" does not belong there')
  const info = take('header-info', headerInfo3)
  const typeInfo = take('headers/0000/type-info', typeInfo3)
  const payloadType = onlyType(info?.payloads, findings)
  if (info && typeInfo && payloadType !== undefined) compareTypes(typeInfo.type, payloadType, findings)
  return {
    name: info?.artifact_provides.artifact_name ?? '',
    deviceTypes: info?.artifact_depends.device_type ?? [],
    depends: typeInfo?.artifact_depends ?? {},
    payloadType,
  }
}

/** undefined where there is not exactly one payload to speak of. */
function onlyType(payloads: readonly { type: string | null }[] | undefined, findings: Findings): string | null | undefined {
  if (payloads && payloads.length !== 1) findings.refuse(`header-info: ${payloads.length} payloads; the client takes exactly one`)
  return payloads?.length === 1 ? payloads[0]?.type : undefined
}

function compareTypes(inTypeInfo: string | null, inHeaderInfo: string | null, findings: Findings): void {
  if (inTypeInfo === inHeaderInfo) return
  if (inTypeInfo === '' && inHeaderInfo === 'rootfs-image') return findings.warn(EMPTY_TYPE_WARNING)
  findings.refuse(`type-info: the type ${quoted(String(inTypeInfo))} is not ${quoted(String(inHeaderInfo))}, which header-info says`)
}
