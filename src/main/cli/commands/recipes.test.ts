import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { recipesCommand } from './recipes.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
  mkdirSync(join(bench.folder, 'board'))
  writeFileSync(join(bench.folder, 'board/recipe.yaml'), 'version: 1\nname: board 9\nimage: card.img\nlayout: layout.yaml\nverify: false\n')
})
afterAll(() => bench[Symbol.asyncDispose]())

const recipes = (...args: string[]) => runLine(args, { command: recipesCommand, client: bench.client, cwd: bench.folder })

describe('otabench recipes', () => {
  it('keeps what a file says, and writes it as a file again', async () => {
    expect((await recipes('list')).stdout).toBe('No recipes yet.\n')
    expect((await recipes('add', 'board/recipe.yaml')).stdout).toBe('kept: board 9\n')
    expect((await recipes('list')).stdout).toMatch(/^board 9 +\/.*\/board\/card\.img +\/.*\/layout\.yaml +not verified$/m)
    expect(await recipes('write', 'board 9', 'board/again.yaml')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(bench.folder, 'board/again.yaml'), 'utf8')).toBe(
      'version: 1\nname: board 9\nimage: card.img\nlayout: layout.yaml\nverify: false\ndifferential: false\n',
    )
    expect((await recipes('remove', 'board 9')).stdout).toBe('removed: board 9\n')
  })

  it.each([
    [['add', 'absent.yaml'], /error NOT_FOUND[\s\S]*absent\.yaml[\s\S]*hint: Check the path/],
    [['write', 'none', 'x.yaml'], /There is no recipe none[\s\S]*hint: See otabench recipes list/],
    [['remove', 'none'], /There is no recipe none[\s\S]*hint: See otabench recipes list/],
  ])('%j says why, and what to do', async (args, message) => {
    const done = await recipes(...args)
    expect(done).toMatchObject({ exitCode: 3 })
    expect(done.stderr).toMatch(message)
  })
})
