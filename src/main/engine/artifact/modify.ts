import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { piecesOf } from './blocks.ts'
import { type Compression, compressSmall, decompress } from './compression.ts'
import { goJson } from './go-json.ts'
import { FILES, type HeaderEntry, META_DATA, TYPE_INFO, entriesOf, jsonEntry, metaDataEntry, scriptEntries } from './header-entries.ts'
import { type Manifest, formatManifest } from './manifest.ts'
import { refuseUnreadable } from './readable.ts'
import { type ArtifactFront, type FrontChange, encodeFront } from './resign.ts'
import { headerInfo2, headerInfo3, typeInfo3 } from './schema.ts'
import type { Signer } from './sign.ts'
import { parseStrictJson } from './strict-json.ts'
import { TAR_END, joinBytes } from './tar-write.ts'
import type { ScriptSource } from './write.ts'

/** What of the metadata to set; what is left out stays. */
export interface MetadataChange {
  name?: string
  /** null takes the group away. */
  group?: string | null
  dependsNames?: readonly string[]
  dependsGroups?: readonly string[]
  /** Takes the place of all provides but the payload's checksum, which stays unless it is given here. */
  provides?: Readonly<Record<string, string>>
  /** Takes the place of all depends. */
  depends?: Readonly<Record<string, string>>
  metaData?: Readonly<Record<string, unknown>>
  /** Patterns to add to clears-provides. */
  addClears?: readonly string[]
  deleteClears?: readonly string[]
  /** A script takes the place of the one of its name. */
  scripts?: readonly ScriptSource[]
  /** The payload's file has this content now: its line in the manifest and its checksum among the provides follow. */
  payload?: { file: string; sha256: string }
}

export interface SignatureChange {
  /** Signs the result. */
  signer?: Pick<Signer, 'sign'> | null
  /** A signature that no longer holds, or is not wanted, may go. */
  isDropAllowed?: boolean
}

export interface ModifiedFront {
  /** Takes the place of [0, data.startsAt). */
  bytes: Uint8Array
  isChanged: boolean
  isSigned: boolean
}

/** What names the payload's content: lost when all provides are replaced, unless it is kept on purpose. */
const CHECKSUM_PROVIDES = ['rootfs-image.checksum', 'rootfs_image_checksum']

/**
 * The front of an artifact with its metadata changed. The payload is not looked at. When nothing changes, the bytes stay as they are and
 * a signature stays valid; else the artifact must not be signed, or a signer be given, or the signature be given up: BAD_INPUT otherwise.
 */
export async function modifyFront(front: ArtifactFront, change: MetadataChange, signing: SignatureChange = {}): Promise<ModifiedFront> {
  const { signer = null, isDropAllowed = false } = signing
  const header = await changedHeader(front, change)
  const sums = sumsWith(front, change)
  const isChanged = header !== null || sums !== front.sums
  if (isChanged) refuseLoss(front, signing)
  const parts = isChanged ? await newParts(front, header, sums) : null
  const signature = signer ? await signer.sign(parts?.manifest ?? front.manifest.content) : isDropAllowed ? null : undefined
  const bytes = encodeFront(front, { ...parts, ...(signature !== undefined && { signature }) })
  return { bytes, isChanged, isSigned: signature === undefined ? front.signature !== null : signature !== null }
}

/** BAD_INPUT when a change would leave an artifact without the signature that it has. */
export function refuseLoss(
  { signature }: Pick<ArtifactFront, 'signature'>,
  { signer = null, isDropAllowed = false }: SignatureChange,
): void {
  if (!signature || signer || isDropAllowed) return
  const hint = 'Give the private key with -k KEY to sign it anew, or --drop-signature to go without a signature.'
  throw new AppError('BAD_INPUT', 'The artifact is signed, and the signature does not cover the change', hint)
}

/** The sums of the manifest; the very same ones when the payload's has not changed. */
function sumsWith({ sums }: ArtifactFront, { payload }: MetadataChange): Manifest {
  const name = `data/0000/${payload?.file}`
  return payload && sums.get(name) !== payload.sha256 ? new Map(sums).set(name, payload.sha256) : sums
}

async function newParts(front: ArtifactFront, header: Uint8Array | null, sums: Manifest): Promise<FrontChange> {
  if (!header) return { manifest: formatManifest(sums) }
  const storedHeader = await compressedHeader(header, front.headerCompression)
  const headerSum = createHash('sha256').update(storedHeader).digest('hex')
  const manifest = formatManifest(new Map(sums).set(front.storedHeader.entry.name, headerSum))
  await refuseUnreadable({ formatVersion: front.formatVersion, header, storedBytes: storedHeader.length, manifest })
  return { manifest, storedHeader }
}

async function headerTarOf({ storedHeader, headerCompression }: ArtifactFront): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of decompress(piecesOf(storedHeader.content), headerCompression, 'header.tar')) pieces.push(new Uint8Array(piece))
  return joinBytes(pieces)
}

async function compressedHeader(tar: Uint8Array, compression: Compression): Promise<Uint8Array> {
  const stored = await compressSmall(tar, compression, null)
  if (stored) return stored
  throw new AppError('INTERNAL', `A header of ${tar.length} bytes cannot be compressed with ${compression}`)
}

/** header.tar with the change made, or null when there is none. Entries whose meaning does not change keep their bytes. */
async function changedHeader(front: ArtifactFront, change: MetadataChange): Promise<Uint8Array | null> {
  const entries = await entriesOf(await headerTarOf(front))
  const parts = front.formatVersion === 2 ? changedFormat2(entries, change) : changedFormat3(entries, change)
  const isSame = Buffer.compare(joinBytes(parts), joinBytes(entries.map(({ blocks }) => blocks))) === 0
  return isSame ? null : joinBytes([...parts, TAR_END])
}

function changedFormat3(entries: readonly HeaderEntry[], change: MetadataChange): Uint8Array[] {
  const find = (name: string): HeaderEntry | undefined => entries.find((entry) => entry.name === name)
  const infoBytes = find('header-info')?.content ?? new Uint8Array(0)
  const info = parseStrictJson(infoBytes, headerInfo3, 'header-info')
  const type = info.payloads[0]?.type ?? null
  const typeInfo = parseStrictJson(find(TYPE_INFO)?.content ?? new Uint8Array(0), typeInfo3, 'type-info')
  const newMeta = metaDataEntry(find(META_DATA), change.metaData, type)
  return [
    jsonEntry(find('header-info'), { name: 'header-info', old: infoJson(info), now: infoJson(changedInfo(info, change)) }),
    ...scriptEntries(entries, change.scripts ?? []),
    jsonEntry(find(TYPE_INFO), {
      name: TYPE_INFO,
      old: typeInfoJson(typeInfo),
      now: typeInfoJson(changedTypeInfo(typeInfo, change, type)),
    }),
    ...(newMeta ? [newMeta] : []),
  ]
}

/** Format 2 has a name, scripts and meta-data to change. */
function changedFormat2(entries: readonly HeaderEntry[], change: MetadataChange): Uint8Array[] {
  const { name, scripts = [], metaData, payload: _, ...others } = change
  if (Object.values(others).some((value) => !Array.isArray(value) || value.length > 0))
    throw new AppError(
      'BAD_INPUT',
      'Format version 2 has no place for provides, depends and groups',
      'Write the artifact again as version 3.',
    )
  const [info, files, typeInfo, meta] = ['header-info', FILES, TYPE_INFO, META_DATA].map((wanted) =>
    entries.find((entry) => entry.name === wanted),
  )
  const old = parseStrictJson(info?.content ?? new Uint8Array(0), headerInfo2, 'header-info')
  const now = { ...old, artifact_name: name ?? old.artifact_name }
  const newMeta = metaDataEntry(meta, metaData, old.updates[0]?.type ?? null)
  return [
    jsonEntry(info, { name: 'header-info', old: infoJson2(old), now: infoJson2(now) }),
    ...scriptEntries(entries, scripts),
    ...[files, typeInfo].flatMap((entry) => (entry ? [entry.blocks] : [])),
    ...(newMeta ? [newMeta] : []),
  ]
}

function infoJson2({ artifact_name, updates, device_types_compatible }: z.infer<typeof headerInfo2>): string {
  return goJson(new Map(Object.entries({ artifact_name, updates, device_types_compatible })))
}

type Info = z.infer<typeof headerInfo3>

function changedInfo(info: Info, { name, group, dependsNames, dependsGroups }: MetadataChange): Info {
  const { artifact_provides: provides, artifact_depends: depends } = info
  const newGroup = group === undefined ? provides.artifact_group : (group ?? undefined)
  return {
    payloads: info.payloads,
    artifact_provides: { artifact_name: name ?? provides.artifact_name, artifact_group: newGroup },
    artifact_depends: {
      artifact_name: dependsNames ? [...dependsNames] : depends.artifact_name,
      device_type: depends.device_type,
      artifact_group: dependsGroups ? [...dependsGroups] : depends.artifact_group,
    },
  }
}

/** The members in the order in which they stand here, without those that are not there or empty. */
function members(object: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(object).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)))
}

function infoJson({ payloads, artifact_provides: provides, artifact_depends: depends }: Info): string {
  const { artifact_name, artifact_group } = provides
  const { artifact_name: names, device_type, artifact_group: groups } = depends
  return goJson(
    new Map<string, unknown>([
      ['payloads', payloads],
      ['artifact_provides', members({ artifact_name, artifact_group })],
      ['artifact_depends', members({ artifact_name: names, device_type, artifact_group: groups })],
    ]),
  )
}

type TypeInfo = z.infer<typeof typeInfo3>

function changedTypeInfo(old: TypeInfo, change: MetadataChange, type: string | null): TypeInfo {
  const { artifact_depends, artifact_provides, clears_artifact_provides } = old
  const now = {
    type: old.type,
    artifact_depends: change.depends ?? artifact_depends,
    artifact_provides: refreshed(
      change.provides ? { ...checksumsOf(artifact_provides ?? {}), ...change.provides } : artifact_provides,
      change,
    ),
    clears_artifact_provides: changedClears(clears_artifact_provides, change),
  }
  // The empty type of mender-artifact before 4.4 is mended when the entry is written anew.
  return typeInfoJson(now) === typeInfoJson(old) ? old : { ...now, type }
}

/** The provides with the payload's checksum as it is now, where one is among them that nobody has set by hand. */
function refreshed(provides: Record<string, string> | undefined, { payload, provides: given = {} }: MetadataChange) {
  if (!provides || !payload) return provides
  const isOurs = (key: string): boolean => CHECKSUM_PROVIDES.includes(key) && !(key in given)
  return Object.fromEntries(Object.entries(provides).map(([key, value]) => [key, isOurs(key) ? payload.sha256 : value]))
}

function checksumsOf(provides: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(provides).filter(([key]) => CHECKSUM_PROVIDES.includes(key)))
}

function changedClears(old: string[] | undefined, { addClears = [], deleteClears = [] }: MetadataChange): string[] | undefined {
  if (addClears.length === 0 && deleteClears.length === 0) return old
  return [...new Set([...(old ?? []), ...addClears])].filter((pattern) => !deleteClears.includes(pattern))
}

/** An empty list of clears-provides stays: without it a client would clear everything. */
function typeInfoJson({ type, artifact_depends, artifact_provides, clears_artifact_provides: clears }: TypeInfo): string {
  const filled = (map: object | undefined): object | undefined => (map && Object.keys(map).length > 0 ? map : undefined)
  const known = members({ type, artifact_depends: filled(artifact_depends), artifact_provides: filled(artifact_provides) })
  return goJson(clears ? known.set('clears_artifact_provides', clears) : known)
}
