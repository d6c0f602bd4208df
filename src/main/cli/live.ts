/** The value of a live operation now. */
export async function now<T>(opening: Promise<AsyncIterable<T>>): Promise<T> {
  for await (const value of await opening) return value
  throw new Error('A live operation ended without a value')
}

/** The first value for which `isReached` holds; `onEach` sees every value until then. */
export async function until<T>(
  opening: Promise<AsyncIterable<T>>,
  isReached: (value: T) => boolean,
  onEach?: (value: T) => void,
): Promise<T> {
  for await (const value of await opening) {
    onEach?.(value)
    if (isReached(value)) return value
  }
  throw new Error('A live operation ended before its value was reached')
}
