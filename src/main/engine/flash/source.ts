import { createHash } from 'node:crypto'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { FlashSource, FlashWitness } from '../../contract/flash.ts'
import type { HostFile, RunningProgram } from '../host.ts'
import type { Range } from '../image/ranges.ts'
import { BmapCheck } from './bmap-check.ts'
import { ChunkSums } from './chunk-sums.ts'
import { Feed } from './feed.ts'
import type { KnownImages, Recalled } from './known-images.ts'
import { KnownRanges } from './known-ranges.ts'
import { type Looked, type SourceParts, type SourceWish, look, openPayload } from './look.ts'
import { Reading } from './reading.ts'
import { Spool } from './spool.ts'
import { cannotUnpack, unpackerInto, unpacked, unzipped } from './unpack.ts'
import { type FoundSum, type Sums, checkSignatures, checkSum } from './witnesses.ts'

/** An image that is being written: what of it is there already, and where the writers read it. */
export interface OpenSource extends AsyncDisposable {
  facts: FlashSource
  /** A file that holds the image, as far as `feed` has told. */
  path: string
  feed: Feed
  /** Of the stored file; resolves when it was read to its end. null where its block map vouches for all of it that is in use. */
  sha256: Promise<string | null>
  /** What is known of its chunks, and comes to be known. */
  chunks: ChunkSums
  /** What the image itself waits for. */
  waitsFor(): 'source' | 'decompression'
}

/** What a file is as a source. NOT_FOUND, BAD_INPUT, ARTIFACT_INVALID. */
export async function inspectSource(parts: SourceParts, wish: SourceWish): Promise<FlashSource> {
  await using file = await parts.files.open(wish.path, 'read')
  return (await look(file, wish, parts)).facts
}

interface Opening extends SourceParts {
  wish: SourceWish
  /** Where an image may be kept while it is unpacked; made anew. */
  spoolPath: string
  known: KnownImages
  signal: AbortSignal
}

/**
 * Opens an image to be written: sums and signatures beside it are checked first. Dispose of it when the last writer has ended.
 * VERIFY_FAILED, SIGNATURE_INVALID.
 */
export async function openSource(opening: Opening): Promise<OpenSource> {
  const { files, wish, signal } = opening
  await using resources = new AsyncDisposableStack()
  const recalled = await opening.known.recall(wish.path)
  const file = resources.use(await files.open(wish.path, 'read'))
  const looked = await look(file, wish, opening)
  const checked = await checkFirst(file, looked, { ...opening, recalled })
  const ending = new AbortController()
  const reading = new Reading(file, AbortSignal.any([signal, ending.signal]), checked.sums)
  const feed = new Feed()
  const isRaw = looked.facts.format === 'raw'
  const spool = isRaw ? null : resources.use(await Spool.open(files, opening.spoolPath))
  const check = checkOf(looked, recalled)
  const chunks = new ChunkSums(isRaw ? looked.ranges : null, recalled)
  const passing = { feed, looked, reading, check }
  const work = spool ? unpackInto(spool, { ...passing, file, opening }) : passRaw(passing)
  const failing = work.catch((thrown: unknown) => {
    const error = toAppError(thrown)
    feed.fail(error)
    spool?.fail(error)
    throw error
  })
  failing.catch(() => undefined)
  const sha256 = failing.then(async () => {
    const sums = isVouchedFor(looked) ? checked.sums : await reading.sums(['sha256'])
    await recalled.note({ sums, map: looked.bmap?.bmap ?? null })
    return sums.sha256
  })
  sha256.catch(() => undefined)
  const open = resources.move()
  return {
    ...{ facts: { ...looked.facts, witnesses: checked.witnesses }, path: spool?.path ?? wish.path, feed, sha256, chunks },
    waitsFor: () => reading.waitsFor,
    async [Symbol.asyncDispose]() {
      ending.abort()
      spool?.fail(new Error('the image is no longer needed'))
      await sha256.then(
        () => chunks.keep(),
        () => undefined,
      )
      await open.disposeAsync()
    },
  }
}

interface Checked {
  witnesses: FlashSource['witnesses']
  /** null where one is not known, and nothing asked for it. */
  sums: Sums
}

async function checkFirst(
  file: HostFile,
  { facts, sums, bmap }: Looked,
  { files, programs, wish, signal, recalled }: Opening & { recalled: Recalled },
): Promise<Checked> {
  const signed = [wish.path, ...sums.map(({ path }) => path), bmap?.path ?? ''].filter((path) => path !== '')
  const signatures = await checkSignatures(signed, { files, programs })
  const given: FoundSum[] = wish.sha256 === null ? [] : [{ kind: 'sha256', path: 'the request', sum: wish.sha256 }]
  const wanted = [...given, ...sums]
  const found = await new Reading(file, signal, recalled.sums).sums(wanted.map(({ kind }) => kind))
  for (const sum of wanted) checkSum(wish.path, found, sum)
  const isKnown = (kind: FlashWitness['kind']): boolean =>
    kind === 'bmap' ? bmap !== null && recalled.hasMet(bmap.bmap) : recalled.sums[kind === 'sha512' ? kind : 'sha256'] !== null
  const held = facts.witnesses.map((each) => {
    const heldAt = isKnown(each.kind) ? recalled.heldAt : null
    // The map has sums of what is inside, which is held against them on its way to the cards.
    return { ...each, isChecked: each.kind !== 'bmap' || heldAt !== null, heldAt }
  })
  return { sums: found, witnesses: [...held, ...signatures] }
}

/** What is known of a source when all of it has been read, and was right. */
export function readToEnd(facts: FlashSource): FlashSource {
  return { ...facts, witnesses: facts.witnesses.map((each) => (each.kind === 'bmap' ? { ...each, isChecked: true } : each)) }
}

/** Whether a raw image needs no sum of its own: each block that is in use has been held against one. */
function isVouchedFor({ facts: { format }, bmap }: Looked): boolean {
  return format === 'raw' && bmap !== null && BmapCheck.vouchesFor(bmap.bmap)
}

/** What the image has to be held against: its map, unless that was done and the file is as it was. */
function checkOf({ bmap }: Looked, recalled: Recalled): BmapCheck | null {
  if (!bmap || recalled.hasMet(bmap.bmap)) return null
  return new BmapCheck(bmap.bmap, bmap.path === '' ? 'the map inside' : bmap.path)
}

interface Passing {
  feed: Feed
  looked: Looked
  reading: Reading
  check: BmapCheck | null
}

/** A raw image is written at once; that it is the right one has to be known before its first block is put in place. */
async function passRaw({ feed, looked: { facts, ranges }, reading, check }: Passing): Promise<void> {
  feed.push(ranges ?? [])
  feed.end(facts.storedBytes)
  if (check?.hasSums) {
    for await (const { piece, position } of reading.bytesOf(ranges ?? [])) check.update(piece, position)
    check.end(facts.storedBytes)
  }
  feed.trust()
}

interface Unpacking extends Passing {
  file: HostFile
  opening: Opening
}

async function unpackInto(spool: Spool, { feed, file, looked, reading, check, opening }: Unpacking): Promise<void> {
  const { facts, ranges } = looked
  await checkRoom(facts, opening)
  const known = new KnownRanges(feed)
  if (ranges) known.useMap(ranges)
  const knowing = ranges ? Promise.resolve() : known.useFileSystems(spool.read)
  knowing.catch(() => undefined)
  const unpacker = await unpackerInto(facts.format, opening.programs)
  const filling = unpacker
    ? fillByProgram(spool, unpacker, { check, known, looked, reading, opening })
    : fill(spool, await contentOf({ file, looked, reading, opening }), { check, known, reading })
  await filling
  check?.end(spool.position)
  await knowing
  known.end(spool.position)
  feed.end(spool.position)
  feed.trust()
}

interface Filling {
  check: BmapCheck | null
  known: KnownRanges
  reading: Reading
}

async function fill(spool: Spool, content: AsyncIterable<Uint8Array>, { check, known, reading }: Filling): Promise<void> {
  for await (const piece of content) {
    reading.signal.throwIfAborted()
    check?.update(piece)
    await spool.append(piece)
    known.came(spool.position)
  }
  spool.end()
}

/** The program writes the file itself; only what a map has sums of is read here, behind it. */
async function fillByProgram(
  spool: Spool,
  [name = '', ...args]: readonly string[],
  { check, known, looked: { facts, ranges }, reading, opening: { programs } }: Filling & Pick<Unpacking, 'looked' | 'opening'>,
): Promise<void> {
  const stopping = new AbortController()
  const signal = AbortSignal.any([reading.signal, stopping.signal])
  const program = programs.start(name, args, { signal, through: { from: facts.path, to: spool.path } })
  const checking = check ? checkBehind(spool, ranges ?? [], check) : Promise.resolve()
  const growing = untilEnded(spool, program, { path: facts.path, onGrown: (bytes) => known.came(bytes) })
  try {
    await Promise.all([growing, checking])
  } catch (thrown) {
    stopping.abort()
    spool.fail(toAppError(thrown))
    await Promise.allSettled([growing, checking])
    throw thrown
  }
}

async function untilEnded(
  spool: Spool,
  program: RunningProgram,
  { path, onGrown }: { path: string; onGrown: (bytes: number) => void },
): Promise<void> {
  await spool.grow(program.ended, onGrown)
  const end = await program.ended
  if (end.exitCode !== 0) throw cannotUnpack(path, end)
  spool.end()
}

async function checkBehind(spool: Spool, ranges: readonly Range[], check: BmapCheck): Promise<void> {
  for await (const { piece, position } of spool.bytesOf(ranges)) check.update(piece, position)
}

async function contentOf({ file, looked, reading, opening }: Omit<Unpacking, 'feed' | 'check'>): Promise<AsyncIterable<Uint8Array>> {
  const { facts, entry } = looked
  const packed = { path: facts.path, file, programs: opening.programs, signal: reading.signal, stored: reading.bytes() }
  if (entry) return unzipped(entry, packed)
  return facts.format === 'artifact' ? payloadOf(file, facts.path) : unpacked(facts.format, packed)
}

/** Held against the sum that the manifest says. */
async function* payloadOf(file: HostFile, path: string): AsyncGenerator<Uint8Array, void, void> {
  const payload = await openPayload(file)
  try {
    const hash = createHash('sha256')
    for await (const piece of payload.content()) {
      hash.update(piece)
      yield piece
    }
    if (hash.digest('hex') !== payload.sha256)
      throw new AppError('ARTIFACT_INVALID', `${path}: the checksum of ${payload.entry.name} is wrong`, 'Fetch it again.')
  } finally {
    await payload.close()
  }
}

/** What is unpacked has to have room while it is written. */
async function checkRoom({ mappedBytes, imageBytes, storedBytes }: FlashSource, { freeBytes, spoolPath }: Opening): Promise<void> {
  const neededBytes = mappedBytes ?? Math.min(imageBytes ?? storedBytes, storedBytes)
  const roomBytes = await freeBytes(spoolPath)
  if (roomBytes >= neededBytes) return
  const message = `The image needs ${neededBytes} bytes while it is unpacked; there are ${roomBytes} on the disk of the data folder`
  throw new AppError('DISK_FULL', message, 'Free some space there, or unpack it elsewhere and flash it raw.')
}
