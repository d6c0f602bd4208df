import { goJson } from './go-json.ts'
import type { ArtifactSpec } from './write.ts'
import { memoryEntry } from './tar-header.ts'
import { TAR_END, joinBytes, tarEntry } from './tar-write.ts'

type Member = [string, unknown]

/** The members that are not empty, in this order: Go's `omitempty`. */
function present(members: readonly Member[]): Map<string, unknown> {
  return new Map(members.filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)))
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(goJson(value))
}

function headerInfo({ payloadType, name, group, dependsNames, deviceTypes, dependsGroups }: ArtifactSpec): Uint8Array {
  const depends = present([
    ['artifact_name', dependsNames],
    ['device_type', deviceTypes],
    ['artifact_group', dependsGroups],
  ])
  return encode(
    new Map<string, unknown>([
      ['payloads', [{ type: payloadType }]],
      [
        'artifact_provides',
        present([
          ['artifact_name', name],
          ['artifact_group', group],
        ]),
      ],
      ['artifact_depends', depends],
    ]),
  )
}

function typeInfo(spec: ArtifactSpec, checksums: ReadonlyMap<string, string>): Uint8Array {
  const sum = spec.checksumProvide === null ? undefined : checksums.get(spec.files[0]?.name ?? '')
  const provides = spec.checksumProvide === null ? spec.provides : { ...spec.provides, [spec.checksumProvide]: sum ?? '' }
  const members: Member[] = [['type', spec.hasLegacyEmptyType ? '' : spec.payloadType]]
  if (Object.keys(spec.depends).length > 0) members.push(['artifact_depends', spec.depends])
  if (Object.keys(provides).length > 0) members.push(['artifact_provides', provides])
  if (spec.clearsProvides.length > 0) members.push(['clears_artifact_provides', spec.clearsProvides])
  return encode(new Map(members))
}

/** A rootfs-image always has the entry, empty; others only when there is something in it; a bootstrap artifact never. */
function metaData({ payloadType, metaData: value }: ArtifactSpec): Uint8Array | null {
  if (value !== null && Object.keys(value).length > 0) return encode(value)
  return payloadType === 'rootfs-image' ? new Uint8Array(0) : null
}

function headerInfo2({ name, payloadType, deviceTypes }: ArtifactSpec): Uint8Array {
  const members: Member[] = [
    ['artifact_name', name],
    ['updates', [{ type: payloadType }]],
    ['device_types_compatible', deviceTypes],
  ]
  return encode(new Map(members))
}

/** What stands before and after the scripts, in format 2 and 3. */
function headerEntries(spec: ArtifactSpec, checksums: ReadonlyMap<string, string>): { first: Uint8Array; last: [string, Uint8Array][] } {
  if (spec.formatVersion !== 2) return { first: headerInfo(spec), last: [['type-info', typeInfo(spec, checksums)]] }
  const files = encode({ files: spec.files.map(({ name }) => name) })
  return {
    first: headerInfo2(spec),
    last: [
      ['files', files],
      ['type-info', encode({ type: spec.payloadType })],
    ],
  }
}

/** header.tar (mender-artifact format, 1.6 and 1.12). Scripts are sorted by name, so that it depends on its content alone. */
export function headerTar(spec: ArtifactSpec, checksums: ReadonlyMap<string, string>): Uint8Array {
  const scripts = spec.scripts.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const meta = metaData(spec)
  const { first, last } = headerEntries(spec, checksums)
  return joinBytes([
    tarEntry(memoryEntry('header-info', 0), first),
    ...scripts.map(({ content, ...entry }) => tarEntry({ ...entry, name: `scripts/${entry.name}` }, content)),
    ...last.map(([name, content]) => tarEntry(memoryEntry(`headers/0000/${name}`, 0), content)),
    ...(meta === null ? [] : [tarEntry(memoryEntry('headers/0000/meta-data', 0), meta)]),
    TAR_END,
  ])
}
