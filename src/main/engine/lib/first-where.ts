/** The first whole number from one on, up to another, from which on something is true, when it is not true of any before; else the other. */
export function firstWhere([from, to]: readonly [from: number, to: number], isBehind: (at: number) => boolean): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (isBehind(middle)) high = middle
    else low = middle + 1
  }
  return low
}
