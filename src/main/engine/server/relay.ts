import type { WebSocket } from 'ws'
import { AppError, toAppError } from '../../contract/errors.ts'
import { DEVICE_FRAME_LIMIT_BYTES, type Frame, PROTO, readFrame } from '../connect/frame.ts'
import { ShellStart } from '../connect/shell-start.ts'
import { CLOSE, type DeviceLines, type Pipe, type Session } from '../connect/lines.ts'
import type { TerminalTap } from './terminal-tap.ts'
import { websocketPipe } from './websocket-pipe.ts'

/** What may wait for one side before the other is no longer read. */
const FULL_BYTES = 512 * 1024
/** A reader that takes nothing for so long holds up every session of the device, and is cut. */
const STALL_MS = 20_000
/** What a long message is cut to; the rest of the device's limit is for the header. */
const PIECE_BYTES = 4096

/**
 * Passes messages between a user's WebSocket and a device, in a session of its own, until either is gone. Only the addresses of a
 * message change; a pasted text is cut to what the device takes, and what cannot be cut is refused.
 */
export function relayUser(lines: DeviceLines, { deviceId, socket, tap }: { deviceId: string; socket: WebSocket; tap: TerminalTap }): void {
  const user: Pipe = websocketPipe(socket, (message) => fromUser({ session, user, tap, start }, message))
  const session: Session = lines.open(deviceId, {
    take: (frame, message) => {
      if (!start.fromDevice(frame)) return
      tap.fromDevice(frame)
      user.send(message)
      if (user.pendingBytes() > FULL_BYTES) holdBack(session, user)
    },
    ended: (why) => user.close(CLOSE.goingAway, why),
  })
  const start = new ShellStart(session)
  socket.once('close', () => {
    start.close()
    session.close()
    tap.close()
  })
}

interface Relay {
  session: Session
  user: Pipe
  tap: TerminalTap
  start: ShellStart
}

function fromUser({ session, user, tap, start }: Relay, message: Uint8Array): void {
  if (!session.isOpen) return
  // A device gives each user one shell; two terminals of one person are two users to it.
  const props = { user_id: session.id }
  try {
    if (message.length + 128 <= DEVICE_FRAME_LIMIT_BYTES) {
      const frame = session.relay(message, props)
      tap.fromUser(frame)
      start.toDevice(frame)
    } else for (const piece of pieces(readFrame(message))) session.send(piece)
  } catch (thrown) {
    const { code, message: why } = toAppError(thrown)
    if (code === 'BAD_INPUT') return user.close(CLOSE.malformed, why)
    throw thrown
  }
  if (session.pendingBytes() <= FULL_BYTES) return
  user.pause()
  session.onDrain(() => user.resume())
}

/** What was typed may be cut anywhere; every other message has to arrive as it is. */
function pieces({ proto, type, body }: Frame): { proto: number; type: string; body: Uint8Array }[] {
  if (proto !== PROTO.shell || type !== 'shell') throw tooLong()
  const count = Math.ceil(body.length / PIECE_BYTES)
  return Array.from({ length: count }, (_, index) => ({ proto, type, body: body.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES) }))
}

function tooLong(): AppError {
  return new AppError('BAD_INPUT', `A message to a device may have ${DEVICE_FRAME_LIMIT_BYTES} bytes`, 'Send chunks of 4096 bytes.')
}

/** Lets the device wait until the user has taken what is under way. */
function holdBack(session: Session, user: Pipe): void {
  session.setFull(true)
  const stalled = setTimeout(() => user.close(CLOSE.policy, 'Nothing was read for too long'), STALL_MS)
  user.onDrain(() => {
    clearTimeout(stalled)
    session.setFull(false)
  })
}
