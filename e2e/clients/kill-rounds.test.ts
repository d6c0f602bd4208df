import { expect, it } from 'vitest'
import { killRounds } from './kill-rounds.ts'

/** Early, while the boards download, while they install or start again. `npm run kill` takes as many as you like, at random. */
const MOMENTS = [0.05, 0.35, 0.65]

it('loses nothing that it acknowledged when it is killed under load, and the devices finish', async () => {
  const moments = [...MOMENTS]
  for await (const { losses, acknowledgedCount } of killRounds(MOMENTS.length, () => moments.shift() ?? 0)) {
    expect(losses).toEqual([])
    expect(acknowledgedCount).toBeGreaterThan(0)
  }
})
