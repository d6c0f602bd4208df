// npm run kill [-- --rounds N --seed N]: kills the server under load again and again, and holds everything that it has acknowledged against
// what is there after each restart. Ends with 1 when something was lost.
import { parseArgs } from 'node:util'
import { killRounds } from '../e2e/clients/kill-rounds.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
})

/** Numbers as good as drawn, the same for a seed. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function main(rounds: number, seed: number): Promise<number> {
  console.log(`${rounds} rounds with seed ${seed}…`)
  let lossCount = 0
  for await (const { number, killedAfterMs, statuses, acknowledgedCount, losses } of killRounds(rounds, dice(seed))) {
    const states = [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => `${all.length} ${status}`).join(', ')
    console.log(`${number}: killed after ${killedAfterMs} ms (${states}); ${acknowledgedCount} things acknowledged so far`)
    for (const loss of losses) console.error(`   ${loss}`)
    lossCount += losses.length
  }
  console.log(
    lossCount === 0 ? 'Nothing lost, SQLite whole, all boards updated.' : `${lossCount} losses; again: npm run kill -- --seed ${seed}`,
  )
  return lossCount === 0 ? 0 : 1
}

process.exitCode = await main(Number(values.rounds), Number(values.seed))
