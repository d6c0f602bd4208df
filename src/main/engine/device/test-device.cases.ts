import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { indexBase } from '../artifact/delta/base-index.ts'
import { makePatch } from '../artifact/delta/make-patch.ts'
import { DELTA_PAYLOAD } from '../artifact/delta/patch-format.ts'
import { signerOf } from '../artifact/sign.ts'
import { writeArtifact } from '../artifact/write.ts'
import type { Clock, Files, Host } from '../host.ts'
import { fakeHost } from '../host.fake.ts'
import { type DeviceOptions, type Faults, NO_FAULTS } from './options.ts'

/** A clock whose waits take a moment instead of their time. */
function quickClock(): Clock {
  let now = Date.UTC(2026, 0, 1)
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const timer = setTimeout(() => {
          now += ms
          signal?.removeEventListener('abort', stop)
          resolve()
        }, 2)
        function stop(): void {
          clearTimeout(timer)
          reject(new Error('aborted'))
        }
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}

/** A simulated machine with a disk in memory, on which waiting costs nothing. */
export function quickHost(): Host {
  return { ...fakeHost(), clock: quickClock() }
}

/** The same disk on a machine that dies at its `count`-th change of the disk: that change and everything later fails. */
export function dyingHost(host: Host, count: number): { host: Host; isDead: () => boolean; changes: () => number } {
  let changes = 0
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    changes += 1
    if (changes >= count) throw new Error('the power is gone')
    return work()
  }
  const files: Files = {
    ...forwarding(host.files),
    rename: (from, to) => guard(() => host.files.rename(from, to)),
    remove: (path) => guard(() => host.files.remove(path)),
    open: async (path, mode) => {
      const file = await host.files.open(path, mode)
      return {
        path,
        read: (into, position) => file.read(into, position),
        write: (bytes, position) => guard(() => file.write(bytes, position)),
        truncate: (size) => guard(() => file.truncate(size)),
        sync: () => file.sync(),
        sizeBytes: () => file.sizeBytes(),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      }
    },
  }
  return { host: { ...host, files }, isDead: () => changes >= count, changes: () => changes }
}

function forwarding(files: Files): Files {
  return {
    open: (path, mode) => files.open(path, mode),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    makeFolder: (path) => files.makeFolder(path),
    list: (path) => files.list(path),
    stat: (path) => files.stat(path),
    statName: (path) => files.statName(path),
    setMode: (path, mode) => files.setMode(path, mode),
    makeLink: (path, target) => files.makeLink(path, target),
  }
}

export const SLOT_BYTES = 64 * 1024

export function testOptions(serverUrl: string, changes: Partial<DeviceOptions> & { fault?: Partial<Faults> } = {}): DeviceOptions {
  const { fault, ...others } = changes
  return {
    folder: '/device',
    name: 'virt-01',
    mac: '02:00:00:00:00:01',
    deviceType: 'virtual',
    keyAlgorithm: 'p256',
    slotSizeBytes: SLOT_BYTES,
    factory: { artifactName: 'factory', imagePath: null },
    serverUrl: () => serverUrl,
    caPem: () => null,
    verificationKeys: () => [],
    faults: { ...NO_FAULTS, ...fault },
    intervals: { pollMs: 10, retryMs: 10, resumeMs: 60_000, bootMs: 10 },
    ...others,
  }
}

/** An image that boots: 20 KiB that begin like an ext4. */
export function bootableImage(): Uint8Array {
  const image = noise(20 * 1024)
  image.fill(0, 1024, 2048)
  new DataView(image.buffer).setUint16(1080, 0xef53, true)
  return image
}

/** Bytes that do not compress and are the same each time. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state >> 16
  })
}

interface ArtifactParts {
  name: string
  type?: string
  content?: Uint8Array
  deviceType?: string
  depends?: Record<string, string>
  provides?: Record<string, string>
  privateKeyPem?: string
}

/** A whole artifact in memory. */
export async function makeArtifact({
  name,
  type = 'rootfs-image',
  content = bootableImage(),
  ...rest
}: ArtifactParts): Promise<Uint8Array> {
  const stamp = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }
  let bytes = new Uint8Array(0)
  const sink = {
    write: async (piece: Uint8Array, position: number) => {
      const longer = new Uint8Array(Math.max(bytes.length, position + piece.length))
      longer.set(bytes)
      longer.set(piece, position)
      bytes = longer
    },
  }
  const isRootfs = type === 'rootfs-image'
  await writeArtifact(
    {
      ...{ name, group: null, deviceTypes: [rest.deviceType ?? 'virtual'], payloadType: type, dependsNames: [], dependsGroups: [] },
      ...{
        provides: { [`${isRootfs ? 'rootfs-image' : `rootfs-image.${type}`}.version`]: name, ...rest.provides },
        depends: rest.depends ?? {},
      },
      ...{ clearsProvides: [isRootfs ? 'rootfs-image.*' : `rootfs-image.${type}.*`], metaData: null, scripts: [] },
      ...{ checksumProvide: isRootfs ? 'rootfs-image.checksum' : null, compression: 'none' },
      files: [{ name: 'payload', sizeBytes: content.length, mode: 0o644, ...stamp, chunks: () => oneChunk(content) }],
    },
    sink,
    { stamp, signer: rest.privateKeyPem === undefined ? null : signerOf(rest.privateKeyPem) },
  )
  return bytes
}

/** An artifact that makes `image` of `old`. */
export async function makeDeltaArtifact(parts: { name: string; old: Uint8Array; image: Uint8Array }): Promise<Uint8Array> {
  const { name, old, image } = parts
  const read = (into: Uint8Array, position: number): Promise<number> => {
    into.set(old.subarray(position, position + into.length))
    return Promise.resolve(Math.min(into.length, old.length - position))
  }
  const [baseSha256, imageSha256] = [old, image].map((bytes) => createHash('sha256').update(bytes).digest('hex'))
  const index = await indexBase(oneChunk(old), old.length)
  const pieces: Uint8Array[] = []
  const input = { base: { read }, baseSha256: baseSha256 ?? '', index, imageBytes: image.length, image: oneChunk(image) }
  for await (const piece of makePatch(input, () => undefined)) pieces.push(piece)
  const content = Buffer.concat(pieces)
  const depends = { 'rootfs-image.checksum': baseSha256 ?? '' }
  return makeArtifact({ name, type: DELTA_PAYLOAD, content, depends, provides: { 'rootfs-image.checksum': imageSha256 ?? '' } })
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

/** Looks again and again until `isTrue`. */
export async function until(isTrue: () => boolean): Promise<void> {
  await expect.poll(isTrue, { interval: 5 }).toBe(true)
}
