import type { BootEnvironment, Slot } from '../../contract/devices.ts'
import type { ImageFacts } from '../../contract/images.ts'
import type { Files } from '../host.ts'
import { inspectImage } from '../image/image-facts.ts'
import { readerOf } from '../lib/image-file.ts'
import type { Evidence } from './evidence.ts'

const NAMES = { 'rootfs A': 'A', 'rootfs B': 'B' } as const

/** What lies on the card of a board, also while the board writes to it: what is half written shows as damaged. */
export async function readCard(files: Files, path: string): Promise<ImageFacts> {
  await using file = await files.open(path, 'read')
  return await inspectImage(readerOf(file), await file.sizeBytes())
}

/** The slot that a partition is; null where the card is not laid out as Mender does. */
export function slotOf(card: ImageFacts, partition: number | null): 'A' | 'B' | null {
  const role = card.table?.partitions.find(({ number }) => number === partition)?.role
  return role === 'rootfs A' || role === 'rootfs B' ? NAMES[role] : null
}

/** The name that a partition's root file system has for itself. */
export function artifactOn(card: ImageFacts, partition: number): string | null {
  return card.table?.partitions.find(({ number }) => number === partition)?.fileSystem?.artifactName ?? null
}

export function variablesOf(card: ImageFacts): Readonly<Record<string, string>> {
  return card.ubootEnvironments.find(({ isCurrent }) => isCurrent)?.variables ?? card.grubEnvironment?.variables ?? {}
}

/** What the boot loader's environment on the card says; null where it says nothing of slots. */
export function bootOf(card: ImageFacts): BootEnvironment | null {
  const bootSlot = slotOf(card, card.boot?.partition ?? null)
  if (!card.boot || bootSlot === null) return null
  const limit = Number(variablesOf(card)['bootlimit'] ?? 1)
  return {
    ...{ bootSlot, isUpgradeAvailable: card.boot.isTrial, bootCount: card.boot.bootCount ?? 0 },
    bootLimit: Number.isInteger(limit) ? limit : 1,
  }
}

interface Running {
  evidence: Evidence
  /** Whether an update is on its way to the other slot. */
  isWriting: boolean
}

/** Both slots of a card; null where it has none. */
export function slotsOf(card: ImageFacts, { evidence, isWriting }: Running): Slot[] | null {
  const found = (card.table?.partitions ?? []).flatMap(({ number, role, sizeBytes, fileSystem }) => {
    if (role !== 'rootfs A' && role !== 'rootfs B') return []
    const isRunning = evidence.partition === number
    const isTried = card.boot?.isTrial === true && card.boot.partition === number
    const artifactName = fileSystem?.artifactName ?? null
    const isGivenUp = evidence.givenUp === number
    const condition = conditionOf({ isRunning, isTried, isWriting: isWriting && evidence.partition !== null, isGivenUp, artifactName })
    return [{ name: NAMES[role], artifactName, isRunning, condition, writtenBytes: fileSystem ? sizeBytes : 0, sizeBytes }]
  })
  return found.length === 0 ? null : found
}

interface SlotFacts {
  isRunning: boolean
  isTried: boolean
  isWriting: boolean
  isGivenUp: boolean
  artifactName: string | null
}

function conditionOf({ isRunning, isTried, isWriting, isGivenUp, artifactName }: SlotFacts): Slot['condition'] {
  if (isRunning) return isTried ? 'trial' : 'committed'
  if (isTried) return 'written'
  if (isWriting) return 'writing'
  if (isGivenUp) return 'failed'
  return artifactName === null ? 'empty' : 'idle'
}
