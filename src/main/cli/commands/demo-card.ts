import { cardLayout } from '../../contract/card-layout.ts'
import type { CardPlan } from '../../contract/compose.ts'
import { AppError } from '../../contract/errors.ts'
import { seed } from '../../contract/seed.ts'
import { generateKeyPair } from '../../engine/artifact/keys.ts'
import { recipeOf } from '../../engine/compose/compose.ts'
import { planOf } from '../../engine/compose/recipe.ts'
import { seedImage } from '../../engine/compose/seed-image.ts'
import { writeCard } from '../../engine/compose/write-card.ts'
import { readAhead } from '../../engine/lib/file-streams.ts'
import type { EngineClient } from '../context.ts'
import { now, until } from '../live.ts'
import { size } from '../text.ts'
import { DEMO_FACTORY, DEMO_TYPE } from './demo-build.ts'
import type { DemoWork } from './demo-story.ts'

const DRIVE = 'demo-card'
/** Cards are larger than what is written to them. */
const SPARE_BYTES = 16 << 20

export interface DemoCard {
  path: string
  plan: CardPlan
}

/** Composes a card image with boot, A, B and data out of a root file system. */
export function composeCard(work: DemoWork, rootfs: string): Promise<DemoCard> {
  const { story, host, folder } = work
  return story.step('Compose an A/B card image from a root file system', async () => {
    await textFile(work, 'boot/extlinux/extlinux.conf', 'default A\n')
    const layout = cardLayout.parse({
      ...{ version: 1, name: DEMO_TYPE, table: 'gpt' },
      boot: { folder: 'boot', size: '8 MiB' },
      rootfs: { image: rootfs, prepare: false },
      data: { size: '16 MiB' },
      loader: { uboot: { at: '1 MiB', size: '64 KiB', redundantAt: '2 MiB' } },
    })
    const recipe = await recipeOf({ layout, folder }, { files: host.files, sourceDateAt: null })
    const path = `${folder}/card.img`
    const written = await writeCard(recipe, { files: host.files, output: path, hasBmap: true, ...silently(work) })
    const plan = planOf(recipe)
    const parts = plan.partitions.map(({ role, sizeBytes }) => `${role} ${size(sizeBytes)}`).join(', ')
    const figures = [
      `GPT with ${parts}; U-Boot's environment twice`,
      `${size(written.sizeBytes)}, of which its block map says that ${size(written.mappedBytes ?? 0)} are to be written`,
    ]
    return { value: { path, plan }, figures }
  })
}

/** Writes the card image to a file-backed drive, and reads it back. Answers the drive's file. */
export function flashCard({ story, signal }: DemoWork, client: EngineClient, { path, plan }: DemoCard): Promise<string> {
  return story.step('Flash it to a virtual drive, and verify it', async () => {
    await client.drives.createVirtual({ name: DRIVE, sizeBytes: plan.sizeBytes + SPARE_BYTES })
    const { identity } = await theDrive(client)
    const { id } = await client.flash.start({ source: path, targets: [{ path: identity.path, identity, typedName: null }] })
    const flashes = await until(client.flash.list(undefined, { signal }), (all) =>
      all.some((view) => view.id === id && view.isSummed && view.lanes.every(({ endedAt }) => endedAt !== null)),
    )
    const lane = flashes.find((view) => view.id === id)?.lanes[0]
    const { writtenBytes = 0, startedAt, endedAt, failure, state } = lane ?? {}
    const seconds = ((endedAt ?? 0) - (startedAt ?? 0)) / 1000
    const figures = [`${size(writtenBytes)} written and read back in ${seconds.toFixed(1)} s, the first block last`]
    return { value: identity.path, figures, trouble: state === 'done' ? [] : [failure?.message ?? `it is ${state}`] }
  })
}

/** Makes the card one device's own. */
export function seedCard(work: DemoWork, client: EngineClient, drive: string): Promise<void> {
  const { story, host, folder } = work
  return story.step('Seed identity into its data partition', async () => {
    const { privateKeyPem } = await generateKeyPair('p256')
    await textFile(work, 'device.pem', privateKeyPem)
    const wanted = seed.parse({ deviceType: DEMO_TYPE, artifactName: DEMO_FACTORY, deviceKey: 'device.pem', serverUrl: 'http://127.0.0.1' })
    await seedImage(drive, wanted, { files: host.files, folder, modifiedAt: host.clock.now(), ...silently(work) })
    const { mender } = await theDrive(client)
    const isSeeded = mender?.deviceType === DEMO_TYPE && mender.artifactName === DEMO_FACTORY
    const figures = [`device type ${DEMO_TYPE}, artifact ${DEMO_FACTORY} in both slots, a key of its own, mender.conf; no root, no mounts`]
    return { value: undefined, figures, trouble: isSeeded ? [] : [`the drive says that it holds ${JSON.stringify(mender)}`] }
  })
}

/** What slot A of a card holds, as a file of its own: virtual devices come from the factory with it. */
export async function slotOfCard({ host, folder }: DemoWork, drive: string, { plan }: DemoCard): Promise<string> {
  const slot = plan.partitions.find(({ role }) => role === 'rootfs A')
  if (!slot) throw new AppError('INTERNAL', 'The card has no slot A')
  const path = `${folder}/factory.ext4`
  await using card = await host.files.open(drive, 'read')
  await using file = await host.files.open(path, 'create')
  let position = 0
  for await (const piece of readAhead(card, slot.startBytes, slot.startBytes + slot.sizeBytes)) {
    await file.write(piece, position)
    position += piece.length
  }
  return path
}

async function theDrive(client: EngineClient) {
  const drive = (await now(client.drives.list({ canBePartial: true }))).find(({ virtual }) => virtual?.id === DRIVE)
  if (!drive) throw new AppError('NOT_FOUND', `There is no virtual drive ${DRIVE}`)
  return drive
}

async function textFile({ host, folder }: DemoWork, name: string, text: string): Promise<void> {
  const path = `${folder}/${name}`
  await host.files.makeFolder(path.slice(0, path.lastIndexOf('/')))
  await using file = await host.files.open(path, 'create')
  await file.write(new TextEncoder().encode(text), 0)
}

function silently({ signal, story }: DemoWork) {
  const nothing = (): void => undefined
  return { signal, onStep: nothing, onProgress: nothing, warn: (text: string) => story.tell(`warning: ${text}`) }
}
