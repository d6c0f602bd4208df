import type { Writable } from 'node:stream'

/** Whether the other end has taken the piece, which may be written over then; false when it has failed, or nobody reads on. */
export function isTaken(to: Writable, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = (): void => resolve(false)
    to.once('close', stop)
    to.write(piece, (error) => {
      to.off('close', stop)
      resolve(!error)
    })
  })
}
