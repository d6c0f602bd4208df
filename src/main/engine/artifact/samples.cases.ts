import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { formatManifest } from './manifest.ts'
import type { ArtifactBytes } from './resign.ts'
import { type TarEntry, memoryEntry } from './tar-header.ts'
import { TAR_END, joinBytes, tarEntry } from './tar-write.ts'
import type { ArtifactSink, ArtifactSpec, BuildStamp, PayloadSource } from './write.ts'

/** Building blocks for tests: artifacts in memory, sound ones and every kind of broken one. */

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The bytes as a stream of pieces of at most `size`. */
export async function* inPieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

/** An artifact in memory as the file that it would be. */
export function fileOf(bytes: Uint8Array, pieceBytes?: number): ArtifactBytes {
  return { sizeBytes: bytes.length, chunks: (start, end) => inPieces(bytes.subarray(start, end), pieceBytes) }
}

export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(new Uint8Array(chunk))
  return joinBytes(pieces)
}

/** A file in memory that can be written at any place. */
export class MemorySink implements ArtifactSink {
  bytes = new Uint8Array(0)

  async write(bytes: Uint8Array, position: number): Promise<void> {
    const end = position + bytes.length
    if (end > this.bytes.length) {
      const grown = new Uint8Array(end)
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes.set(bytes, position)
    await Promise.resolve()
  }
}

export const STAMP: BuildStamp = { uid: 0, gid: 0, uname: 'root', gname: 'root', modifiedAt: 1_700_000_000_000 }

export function payload(name: string, content: Uint8Array, facts: Partial<TarEntry> = {}): PayloadSource {
  const stored = { mode: 0o644, uid: 0, gid: 0, uname: 'root', gname: 'root', modifiedAt: 1_600_000_000_000, ...facts }
  return { ...stored, name, sizeBytes: content.length, chunks: () => inPieces(content) }
}

export function moduleSpec(changes: Partial<ArtifactSpec> = {}): ArtifactSpec {
  return {
    name: 'release-1',
    group: null,
    deviceTypes: ['board'],
    payloadType: 'script',
    dependsNames: [],
    dependsGroups: [],
    provides: { 'rootfs-image.script.version': 'release-1' },
    depends: {},
    clearsProvides: ['rootfs-image.script.*'],
    metaData: null,
    scripts: [],
    files: [payload('update.sh', bytesOf('#!/bin/sh\necho updated\n'))],
    checksumProvide: null,
    compression: 'none',
    ...changes,
  }
}

export interface RawEntry {
  name: string
  content: Uint8Array
  facts?: Partial<TarEntry>
}

/** A tar of exactly these entries. */
export function rawTar(entries: readonly RawEntry[]): Uint8Array {
  return joinBytes([...entries.map(({ name, content, facts }) => tarEntry({ ...memoryEntry(name, 0), ...facts }, content)), TAR_END])
}

/** The pieces of an artifact, each of which a test may replace before it is put together; sums follow the changes unless replaced too. */
export interface Pieces {
  version: Uint8Array
  headerInfo: unknown
  typeInfo: unknown
  /** Entries of header.tar; made of the two above unless replaced. */
  header: RawEntry[]
  headerName: string
  storedHeader: Uint8Array
  payload: RawEntry[]
  dataName: string
  storedData: Uint8Array
  manifest: Uint8Array
  signature: Uint8Array | null
  outer: RawEntry[]
  whole: Uint8Array
}

type Edit<T> = T | ((usual: T) => T)
type Change = { [K in keyof Pieces]?: Edit<Pieces[K]> }

function isFunction<T>(edit: Edit<T>): edit is (usual: T) => T {
  return typeof edit === 'function'
}

function edited<T>(usual: T, edit: Edit<T> | undefined): T {
  if (edit === undefined) return usual
  return isFunction(edit) ? edit(usual) : edit
}

const json = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : bytesOf(JSON.stringify(value)))
const packed = (name: string, tar: Uint8Array): Uint8Array => (name.endsWith('.gz') ? gzipSync(tar) : tar)

const HEADER_INFO = {
  payloads: [{ type: 'script' }],
  artifact_provides: { artifact_name: 'release-1' },
  artifact_depends: { device_type: ['board'] },
}
const TYPE_INFO = { type: 'script', artifact_provides: { 'rootfs-image.script.version': 'release-1' } }
export const PAYLOAD: RawEntry[] = [{ name: 'update.sh', content: bytesOf('echo hello\n') }]

/** An artifact with `change` made to it at the stage it names; everything after that stage is computed from what was changed. */
export function brokenArtifact(change: Change): Uint8Array {
  const version = edited(bytesOf('{"format":"mender","version":3}'), change.version)
  const usualHeader = [
    { name: 'header-info', content: json(edited<unknown>(HEADER_INFO, change.headerInfo)) },
    { name: 'headers/0000/type-info', content: json(edited<unknown>(TYPE_INFO, change.typeInfo)) },
  ]
  const headerName = edited('header.tar.gz', change.headerName)
  const header = edited(packed(headerName, rawTar(edited<RawEntry[]>(usualHeader, change.header))), change.storedHeader)
  const files = edited(PAYLOAD, change.payload)
  const dataName = edited('data/0000.tar.gz', change.dataName)
  const data = edited(packed(dataName, rawTar(files)), change.storedData)
  const sums = new Map(files.map(({ name, content }) => [`data/0000/${name}`, sha256Of(content)]))
  sums.set(headerName, sha256Of(header)).set('version', sha256Of(version))
  const manifest = edited(formatManifest(sums), change.manifest)
  const signature = edited<Uint8Array | null>(null, change.signature)
  const usualOuter: RawEntry[] = [
    { name: 'version', content: version },
    { name: 'manifest', content: manifest },
    ...(signature ? [{ name: 'manifest.sig', content: signature }] : []),
    { name: headerName, content: header },
    { name: dataName, content: data },
  ]
  return edited(rawTar(edited(usualOuter, change.outer)), change.whole)
}
