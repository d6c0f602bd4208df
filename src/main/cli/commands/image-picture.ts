import type { Partition } from '../../engine/image/partition.ts'

const WIDTH = 78

/** A card as three lines: its partitions to scale, each with its number; what no partition has is dotted. */
export function drawCard(partitions: readonly Partition[], sizeBytes: number): string[] {
  const lines = ['', '', '']
  const put = (top: string, middle: string, bottom: string): void => {
    for (const [index, part] of [top, middle, bottom].entries()) lines[index] = `${lines[index] ?? ''}${part}`
  }
  const columns = (bytes: number): number => Math.round((bytes / sizeBytes) * WIDTH)
  const gap = (bytes: number): void => put(' '.repeat(columns(bytes)), '·'.repeat(columns(bytes)), ' '.repeat(columns(bytes)))
  let at = 0
  for (const { number, startBytes, sizeBytes: length } of partitions.toSorted((a, b) => a.startBytes - b.startBytes)) {
    gap(startBytes - at)
    const text = String(number)
    // Room for the number is always there, whatever the scale.
    const inside = Math.max(text.length, columns(length) - 2)
    put(`┌${'─'.repeat(inside)}┐`, `│${text.padEnd(inside)}│`, `└${'─'.repeat(inside)}┘`)
    at = startBytes + length
  }
  gap(sizeBytes - at)
  return lines.map((line) => line.trimEnd())
}
