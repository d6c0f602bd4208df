import { Card } from './card.ts'
import { WriterFailure, toFailure } from './failure.ts'
import { FaultyMedium } from './faulty-medium.ts'
import { Flashing } from './flashing.ts'
import { Gate, Queue } from './gate.ts'
import { guardDisk } from './guard.ts'
import { ImageSource } from './image-source.ts'
import { type Medium, inheritMedium, openMedium } from './medium.ts'
import { ordersFrom } from './orders.ts'
import { DEPTH, EXIT, type Event, type OpenOrder, type Order } from './protocol.ts'
import { alignedBuffers } from './units.ts'

export interface SessionParts {
  /** The one thing that is opened. */
  device: string
  /** It, already opened by somebody who may; null where it is opened here. */
  descriptor: number | null
  input: AsyncIterable<Uint8Array>
  tell(event: Event): void
  /** Whether it runs with more rights than the user has who asked for it: then it opens whole disks alone, and none that the system needs. */
  isElevated: boolean
  /** Gives up the rights that only the opening of the device needs, and answers how to have them back. */
  dropRights(): () => void
}

/** Somebody has closed the standard input before the end: nothing more is written. */
class Stopped extends Error {}

/** Follows the orders of one flash from the first to the last. Answers the exit code; never throws. */
export async function runSession(parts: SessionParts): Promise<number> {
  const orders = ordersFrom(parts.input)
  try {
    const first = await orders.next()
    if (first.done) return EXIT.stopped
    if (first.value.order !== 'open') throw new WriterFailure('protocol', `refused: ${first.value.order} before open`)
    parts.tell(await flash(first.value, orders, parts))
    return EXIT.done
  } catch (thrown) {
    if (thrown instanceof Stopped) return EXIT.stopped
    const { why, message: detail, at, realBytes } = toFailure(thrown)
    parts.tell({ event: 'failed', why, detail, at, realBytes })
    return EXIT.failed
  }
}

async function flash(order: OpenOrder, orders: AsyncGenerator<Order, void, void>, parts: SessionParts): Promise<Event> {
  const { device, descriptor, tell, isElevated } = parts
  const { imageBytes, startBytes, roomBytes } = order
  if (roomBytes !== null && imageBytes !== null && imageBytes > roomBytes)
    throw new WriterFailure('too-small', `${roomBytes} of ${imageBytes} bytes`)
  const neededBytes = startBytes + (imageBytes ?? 1)
  if (order.faults && isElevated) throw new WriterFailure('protocol', 'refused: faults are for virtual cards')
  if (isElevated) await guardDisk(device)
  const { deviceBytes, diskSequence, faults } = order
  const isPart = startBytes > 0 || roomBytes !== null
  const wish = { neededBytes, deviceBytes, diskSequence, areFilesAllowed: !isElevated, isPart }
  const opened = descriptor === null ? await openMedium(device, wish) : await inheritMedium(device, descriptor, wish)
  const regainRights = parts.dropRights()
  const medium = faults && !opened.isDevice ? new FaultyMedium(opened, faults, device) : opened
  const done = await write(medium, order, { orders, tell }).catch(async (thrown: unknown) => {
    // What went wrong before is worse.
    await medium.close().catch(() => undefined)
    throw thrown
  })
  regainRights()
  return { ...done, isReread: medium.isDevice && order.startBytes === 0 && hasReread(device) }
}

interface Talk {
  orders: AsyncGenerator<Order, void, void>
  tell(event: Event): void
}

async function write(medium: Medium, order: OpenOrder, { orders, tell }: Talk) {
  const { startBytes, roomBytes } = order
  // Blocks are written whole: the first or the last one would reach into what lies beside.
  if (startBytes % medium.blockBytes !== 0 || (roomBytes ?? 0) % medium.blockBytes !== 0)
    throw new WriterFailure('protocol', `refused: a place inside a block of ${medium.blockBytes} bytes`)
  const newBuffer = alignedBuffers(2 * DEPTH + 1)
  const source = await ImageSource.open(order)
  try {
    const [gate, seal, ranges, sums] = [new Gate(), new Gate(), new Queue<[number, number][]>(), new Array<number>()]
    seal.close()
    tell({ event: 'ready', deviceBytes: medium.sizeBytes, isDirect: medium.isDirect })
    const card = new Card(medium, source, order, newBuffer())
    void follow(orders, { card, gate, seal, ranges, sums, tell })
    const done = await new Flashing({ card, gate, seal, ranges, sums, newBuffer, tell }).run()
    await medium.close(order.startBytes + (card.imageBytes ?? 0))
    return done
  } finally {
    await source.close()
  }
}

interface Steering {
  card: Card
  gate: Gate
  seal: Gate
  ranges: Queue<[number, number][]>
  sums: number[]
  tell(event: Event): void
}

/** Hands the orders on as they come, until the standard input ends. */
async function follow(orders: AsyncGenerator<Order, void, void>, { card, gate, seal, ranges, sums, tell }: Steering): Promise<void> {
  let failure: Error = new Stopped()
  try {
    let [isBegun, isEnded] = [false, false]
    for await (const order of orders) {
      if (order.order === 'pause') {
        gate.close()
        tell({ event: 'paused' })
      } else if (order.order === 'continue') {
        gate.open()
        tell({ event: 'continued' })
      } else if (order.order === 'seal' && isEnded) seal.open()
      else if (order.order === 'open' || order.order === 'seal' || isEnded)
        throw new WriterFailure('protocol', `refused: ${order.order} at the wrong time`)
      else if (order.order === 'write') {
        isBegun = true
        ranges.push(order.ranges)
      } else if (order.order === 'sums') {
        if (isBegun) throw new WriterFailure('protocol', 'refused: sums behind ranges')
        sums.push(...order.sums)
      } else {
        isEnded = true
        if (card.imageBytes !== null && order.imageBytes !== card.imageBytes) throw new WriterFailure('protocol', 'refused: another size')
        card.imageBytes = order.imageBytes
        ranges.end()
      }
    }
  } catch (thrown) {
    failure = toFailure(thrown)
  }
  gate.stop(failure)
  seal.stop(failure)
  ranges.fail(failure)
}

const BLOCKDEV = '/usr/sbin/blockdev'

/** Lets the kernel read the new partition table; udev does so as well where it runs. Whether it did now. */
function hasReread(device: string): boolean {
  // Loaded here, when all is written: the writer begins sooner.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync(BLOCKDEV, ['--rereadpt', device], { stdio: 'ignore', env: {} }).status === 0
}
