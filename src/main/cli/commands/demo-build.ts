import { createHash } from 'node:crypto'
import { describePublicKey, generateKeyPair } from '../../engine/artifact/keys.ts'
import { readArtifact } from '../../engine/artifact/read.ts'
import { signerOf } from '../../engine/artifact/sign.ts'
import { buildRootfs, writeRootfsArtifact } from '../../engine/device/bench-artifacts.ts'
import { readChunks } from '../../engine/lib/file-streams.ts'
import type { Host } from '../../engine/host.ts'
import { size } from '../text.ts'
import type { DemoWork } from './demo-story.ts'

export const DEMO_TYPE = 'demo-board'
/** What devices leave the factory with. */
export const DEMO_FACTORY = 'demo-os-1'
const FILL_BYTES = 12 << 20
const IMAGE_MIB = 20

export interface DemoKey {
  privateKeyPem: string
  publicKeyPem: string
}

/** An update, built. */
export interface DemoUpdate {
  name: string
  path: string
  sizeBytes: number
  imageBytes: number
  imageSha256: string
}

export interface DemoUpdates {
  /** The root file system that cards are made of. */
  factoryImage: string
  good: DemoUpdate
  broken: DemoUpdate
}

export function makeKey({ story }: DemoWork): Promise<DemoKey> {
  return story.step('Make a signing key', async () => {
    const key = await generateKeyPair('p256')
    const { algorithm, fingerprint } = describePublicKey(key.publicKeyPem)
    return { value: key, figures: [`ECDSA ${algorithm}, SHA-256 ${fingerprint.slice(0, 16)}…; devices get its public half`] }
  })
}

/** Builds two root file systems, and writes and signs an artifact of each. */
export async function buildUpdates(work: DemoWork, key: DemoKey): Promise<DemoUpdates> {
  const { story, folder, host, signal } = work
  const plan = { folder, fillBytes: FILL_BYTES, sizeMiB: IMAGE_MIB, signal }
  const images = await story.step('Build three root file systems (mke2fs -d)', async () => {
    const factory = await buildRootfs(host, { ...plan, name: DEMO_FACTORY, hasInit: true })
    const good = await buildRootfs(host, { ...plan, name: 'demo-os-2', hasInit: true })
    const broken = await buildRootfs(host, { ...plan, name: 'demo-os-3-broken', hasInit: false })
    return {
      value: { factory, good, broken },
      figures: [
        `${DEMO_FACTORY} and demo-os-2: ext4, ${IMAGE_MIB} MiB`,
        `demo-os-3-broken: ext4, ${IMAGE_MIB} MiB, without /sbin/init: it cannot boot`,
      ],
    }
  })
  return story.step('Write and sign the artifacts', async () => {
    const good = await writeUpdate(work, key, { name: 'demo-os-2', image: images.good })
    const broken = await writeUpdate(work, key, { name: 'demo-os-3-broken', image: images.broken })
    const figures = [good, broken].map(
      ({ name, sizeBytes, imageBytes }) =>
        `${name}.mender: ${size(imageBytes)} rootfs-image → ${size(sizeBytes)} (gzip), signed, read back and verified`,
    )
    return { value: { factoryImage: images.factory, good, broken }, figures }
  })
}

async function writeUpdate(
  { host, folder, signal }: DemoWork,
  key: DemoKey,
  { name, image }: { name: string; image: string },
): Promise<DemoUpdate> {
  const path = `${folder}/${name}.mender`
  const parts = { image, path, name, deviceType: DEMO_TYPE, signer: signerOf(key.privateKeyPem) }
  const sizes = await writeRootfsArtifact(host, parts, { signal })
  await using file = await host.files.open(path, 'read')
  await readArtifact(readChunks(file), { keys: [{ name: 'demo', publicKeyPem: key.publicKeyPem }], requireSignature: true, signal })
  return { name, path, ...sizes, imageSha256: await sha256Of(host, image) }
}

/** SHA-256 of a file, or of its first bytes. */
export async function sha256Of(host: Host, path: string, lengthBytes?: number): Promise<string> {
  await using file = await host.files.open(path, 'read')
  const hash = createHash('sha256')
  for await (const chunk of readChunks(file, 0, lengthBytes)) hash.update(chunk)
  return hash.digest('hex')
}
