import { piecesOf } from './blocks.ts'
import { ByteReader } from './byte-reader.ts'
import { type Compression, decompress } from './compression.ts'
import type { ExpansionMeter } from './expansion.ts'
import { invalid, quoted } from './invalid.ts'
import type { Limits } from './limits.ts'
import { release } from './release.ts'
import { filesJson, headerInfo2, headerInfo3, metaDataJson, typeInfo2, typeInfo3 } from './schema.ts'
import { SCRIPT_NAME_HINT, isScriptName } from './scripts.ts'
import { parseStrictJson } from './strict-json.ts'
import { TarReader } from './tar-read.ts'

/** What header.tar says, in one shape for formats 2 and 3. */
export interface Header {
  name: string
  group: string | null
  deviceTypes: string[]
  payloadType: string | null
  dependsNames: string[]
  dependsGroups: string[]
  provides: Record<string, string>
  depends: Record<string, string | string[]>
  clearsProvides: string[] | null
  metaData: Record<string, unknown> | null
  scripts: string[]
  warnings: string[]
}

export interface HeaderOptions {
  formatVersion: number
  compression: Compression
  limits: Limits
  /** What to call it: header.tar, unless said otherwise. */
  label?: string
  meter?: ExpansionMeter | undefined
  onScript?: ((name: string, content: Uint8Array) => Promise<void>) | undefined
}

export const OLD_FORMAT_WARNING = 'this is format version 2; Mender clients from 4.0 on take only version 3'

export const EMPTY_TYPE_WARNING =
  'type-info has an empty type, as mender-artifact before 4.4 wrote it; mender-artifact 4.4.0 refuses such a file, clients take it'

/** Reads header.tar from its stored bytes, whose checksum the caller has compared. ARTIFACT_INVALID names the entry and the rule. */
export async function readHeader(stored: Uint8Array, options: HeaderOptions): Promise<Header> {
  const bytes = new ByteReader(expandedHeader(stored, options), options.label ?? 'header.tar')
  try {
    const entries = new HeaderEntries(new TarReader(bytes, options.limits.pax), options)
    return options.formatVersion === 2 ? await readFormat2(entries, options) : await readFormat3(entries, options)
  } finally {
    await bytes.close()
  }
}

/** The bytes of header.tar behind what is stored; ARTIFACT_INVALID when they are more than the limits allow. */
export function expandedHeader(
  stored: Uint8Array,
  options: Pick<HeaderOptions, 'compression' | 'limits' | 'label' | 'meter'>,
): AsyncIterable<Uint8Array> {
  const { compression, label = 'header.tar' } = options
  return limited(decompress(piecesOf(stored), compression, label), options)
}

async function* limited(
  source: AsyncIterable<Uint8Array>,
  { limits, label = 'header.tar', meter }: Pick<HeaderOptions, 'limits' | 'label' | 'meter'>,
): AsyncGenerator<Uint8Array, void, void> {
  const limit = limits.headerExpanded
  let total = 0
  for await (const chunk of source) {
    total += chunk.length
    meter?.(chunk.length)
    if (total > limit) throw invalid(`${label} expands to more than the ${limit} bytes that are accepted`)
    yield chunk
  }
}

/** The entries of header.tar in the one order that every reader takes. */
class HeaderEntries {
  readonly #tar: TarReader
  readonly #limits: Limits
  readonly #label: string
  #next: Promise<string | null> | null = null
  #count = 0

  constructor(tar: TarReader, { limits, label = 'header.tar' }: HeaderOptions) {
    this.#tar = tar
    this.#limits = limits
    this.#label = label
  }

  /** The name of the entry that comes next, or null at the end. */
  peek(): Promise<string | null> {
    this.#next ??= this.#tar.next().then((entry) => entry?.name ?? null)
    return this.#next
  }

  async take(limit: number): Promise<Uint8Array> {
    await this.peek()
    this.#next = null
    this.#count += 1
    if (this.#count > this.#limits.entries)
      throw invalid(`${this.#label} has more than the ${this.#limits.entries} entries that are accepted`)
    return this.#tar.contentWhole(limit)
  }

  /** The content of the entry `name`, which must come now. */
  async expect(name: string): Promise<Uint8Array> {
    const found = await this.peek()
    if (found !== name)
      throw invalid(`${this.#label}: ${name} is missing where ${found === null ? 'the archive ends' : `${quoted(found)} stands`}`)
    return this.take(this.#limits.json)
  }

  async takeIf(name: string): Promise<Uint8Array | null> {
    return (await this.peek()) === name ? this.take(this.#limits.json) : null
  }

  async end(): Promise<void> {
    const extra = await this.peek()
    if (extra !== null) throw invalid(`${this.#label}: ${quoted(extra)} does not belong there`)
  }

  async scripts(onScript: HeaderOptions['onScript']): Promise<string[]> {
    const names = new Set<string>()
    for (let entry = await this.peek(); entry?.startsWith('scripts/'); entry = await this.peek()) {
      const name = entry.slice('scripts/'.length)
      if (!isScriptName(name))
        throw invalid(`${this.#label}: ${quoted(name)} is not the name of a state script; the client refuses it`, SCRIPT_NAME_HINT)
      if (names.has(name)) throw invalid(`${this.#label}: the script ${quoted(name)} is there twice`)
      names.add(name)
      const content = await this.take(this.#limits.script)
      if (onScript) await onScript(name, content)
      else release(content)
    }
    return [...names]
  }
}

function metaDataOf(bytes: Uint8Array | null): Record<string, unknown> | null {
  return bytes === null || bytes.length === 0 ? null : parseStrictJson(bytes, metaDataJson, 'meta-data')
}

function onePayload<T>(payloads: readonly T[]): T {
  const [payload] = payloads
  if (payload === undefined || payloads.length > 1) throw invalid(`header-info: ${payloads.length} payloads; the client takes exactly one`)
  return payload
}

async function readFormat3(entries: HeaderEntries, { onScript }: HeaderOptions): Promise<Header> {
  const info = parseStrictJson(await entries.expect('header-info'), headerInfo3, 'header-info')
  const { type } = onePayload(info.payloads)
  const scripts = await entries.scripts(onScript)
  const typeInfo = parseStrictJson(await entries.expect('headers/0000/type-info'), typeInfo3, 'type-info')
  const metaData = metaDataOf(await entries.takeIf('headers/0000/meta-data'))
  await entries.end()
  const isLegacyEmpty = typeInfo.type === '' && type === 'rootfs-image'
  if (typeInfo.type !== type && !isLegacyEmpty) {
    throw invalid(`type-info: the type ${quoted(String(typeInfo.type))} is not ${quoted(String(type))}, which header-info says`)
  }
  const { artifact_provides: provides, artifact_depends: depends } = info
  return {
    name: provides.artifact_name,
    group: provides.artifact_group ?? null,
    deviceTypes: depends.device_type,
    payloadType: type,
    dependsNames: depends.artifact_name ?? [],
    dependsGroups: depends.artifact_group ?? [],
    provides: typeInfo.artifact_provides ?? {},
    depends: typeInfo.artifact_depends ?? {},
    clearsProvides: typeInfo.clears_artifact_provides ?? null,
    ...{ metaData, scripts },
    warnings: isLegacyEmpty ? [EMPTY_TYPE_WARNING] : [],
  }
}

async function readFormat2(entries: HeaderEntries, { onScript }: HeaderOptions): Promise<Header> {
  const info = parseStrictJson(await entries.expect('header-info'), headerInfo2, 'header-info')
  const { type } = onePayload(info.updates)
  const scripts = await entries.scripts(onScript)
  parseStrictJson(await entries.expect('headers/0000/files'), filesJson, 'files')
  parseStrictJson(await entries.expect('headers/0000/type-info'), typeInfo2, 'type-info')
  const metaData = metaDataOf(await entries.takeIf('headers/0000/meta-data'))
  await entries.end()
  return {
    name: info.artifact_name,
    deviceTypes: info.device_types_compatible,
    payloadType: type,
    ...{ group: null, dependsNames: [], dependsGroups: [], provides: {}, depends: {}, clearsProvides: null },
    ...{ metaData, scripts },
    warnings: [OLD_FORMAT_WARNING],
  }
}
