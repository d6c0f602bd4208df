import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { TERMS } from '../../contract/glossary.ts'
import { runLine } from '../command.cases.ts'
import { glossaryCommand } from './glossary.ts'

const glossary = (...args: string[]) => runLine(args, { command: glossaryCommand, cwd: tmpdir() })

it('otabench glossary says what every word means, or the one that is asked for', async () => {
  const { stdout } = await glossary()
  expect(stdout.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(TERMS.length)
  expect((await glossary('slot')).stdout).toBe(
    'slot\n  One of the two places for a root file system on a card, A and B; one runs while the other is written.\n',
  )
  expect((await glossary('--json', 'clears', 'provides')).json).toEqual([[expect.objectContaining({ term: 'clears provides' })]])
  expect((await glossary('board')).stdout).toMatch(/^board\n/)
})

it('a word of elsewhere is answered with ours, and one that nobody uses is refused', async () => {
  expect((await glossary('rollout')).stdout).toMatch(/^deployment\n/)
  expect(await glossary('frobnicate')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('no word with "frobnicate"') })
})
