import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { formatManifest } from './manifest.ts'
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

export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk.slice())
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

type Change = { [K in keyof Pieces]?: Pieces[K] | ((pieces: Pick<Pieces, K> & Partial<Pieces>) => Pieces[K]) }

const json = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : bytesOf(JSON.stringify(value)))

/** An artifact with `change` made to it at the stage it names; everything after that stage is computed from what was changed. */
export function brokenArtifact(change: Change): Uint8Array {
  const pieces: Partial<Pieces> = {}
  const stage = <K extends keyof Pieces>(name: K, usual: Pieces[K]): Pieces[K] => {
    pieces[name] = usual
    const given = change[name]
    const made = typeof given === 'function' ? given({ ...pieces, [name]: usual } as Pick<Pieces, K> & Partial<Pieces>) : given
    return (pieces[name] = made === undefined ? usual : (made as Pieces[K]))
  }
  const version = stage('version', bytesOf('{"format":"mender","version":3}'))
  const headerInfo = stage('headerInfo', {
    payloads: [{ type: 'script' }],
    artifact_provides: { artifact_name: 'release-1' },
    artifact_depends: { device_type: ['board'] },
  })
  const typeInfo = stage('typeInfo', { type: 'script', artifact_provides: { 'rootfs-image.script.version': 'release-1' } })
  const header = stage('header', [
    { name: 'header-info', content: json(headerInfo) },
    { name: 'headers/0000/type-info', content: json(typeInfo) },
  ])
  const headerName = stage('headerName', 'header.tar.gz')
  const storedHeader = stage('storedHeader', headerName.endsWith('.gz') ? gzipSync(rawTar(header)) : rawTar(header))
  const payloadFiles = stage('payload', [{ name: 'update.sh', content: bytesOf('echo hello\n') }])
  const dataName = stage('dataName', 'data/0000.tar.gz')
  const storedData = stage('storedData', dataName.endsWith('.gz') ? gzipSync(rawTar(payloadFiles)) : rawTar(payloadFiles))
  const sums = new Map(payloadFiles.map(({ name, content }) => [`data/0000/${name}`, sha256Of(content)]))
  sums.set(headerName, sha256Of(storedHeader)).set('version', sha256Of(version))
  const manifest = stage('manifest', formatManifest(sums))
  const signature = stage('signature', null)
  const outer = stage('outer', [
    { name: 'version', content: version },
    { name: 'manifest', content: manifest },
    ...(signature ? [{ name: 'manifest.sig', content: signature }] : []),
    { name: headerName, content: storedHeader },
    { name: dataName, content: storedData },
  ])
  return stage('whole', rawTar(outer))
}
