import { describe, expect, it } from 'vitest'
import { tryInput } from '../lib/fuzz.cases.ts'
import { artifactFuzz } from './fuzz.cases.ts'
import { checkArtifact } from './read.ts'
import { inPieces } from './samples.cases.ts'

const MOST_MS = 20_000

describe('a damaged artifact', () => {
  it('is refused in words or taken, and nothing else', async () => {
    const startedAt = performance.now()
    for (let number = 0; number < 3000 && performance.now() - startedAt < MOST_MS; number += 1) {
      expect(await tryInput(artifactFuzz, 1, number)).toBeNull()
    }
  })

  it('is sometimes sound after all, so that what is damaged elsewhere is reached', async () => {
    const check = async (input: Uint8Array): Promise<void> => {
      await checkArtifact(inPieces(input))
    }
    const isSound = async (number: number): Promise<boolean> => (await tryInput({ ...artifactFuzz, check }, 2, number)) === null
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, number) => isSound(number)))
    expect(new Set(outcomes)).toEqual(new Set([true, false]))
  })
})
