/**
 * Gives the memory behind a chunk back at once: the chunk, and all else that is cut from the same buffer, is empty from now on. The
 * garbage collector lets 64 MiB of such buffers pile up before it looks at them, and looks at everything then. What may be cut from
 * Node's pool is left alone.
 */
export function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
}
