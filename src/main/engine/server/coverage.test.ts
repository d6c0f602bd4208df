import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ELSEWHERE, OPERATIONS } from './coverage.cases.ts'
import { type Bench, openBench } from './management.cases.ts'
import { documentedOperations } from './openapi.cases.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

/** Whether the router knows the operation: its own 404 names the method and the address. */
async function isRouted(operation: string): Promise<boolean> {
  const [method = '', template = ''] = operation.split(' ')
  const url = `/api/management${template.replace(/\{\w+\}/g, 'x')}`
  const known = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((each) => each === method)
  if (!known) throw new Error(`${method} is no method`)
  const answer = await bench.app.inject({ method: known, url })
  return !answer.body.includes(`There is no ${method} ${url}`)
}

describe('the management API', () => {
  it.each(Object.keys(OPERATIONS))('has %s', async (operation) => {
    expect(await isRouted(operation)).toBe(true)
  })

  it.each(Object.entries(OPERATIONS))('%s is proven by a test', (_, [file, title]) => {
    expect(readFileSync(join(import.meta.dirname, file), 'utf8')).toContain(title)
  })

  it('is listed whole: what the document has is here, or named with the reason why not', () => {
    const documented = documentedOperations('/api/management').toSorted()
    const listed = [...Object.keys(OPERATIONS), ...Object.keys(ELSEWHERE)].toSorted()
    if (documented.length > 0) expect(listed).toEqual(documented)
    for (const reason of Object.values(ELSEWHERE)) expect(reason).toMatch(/\S/)
  })

  it('has no route of a name that is not there', async () => {
    expect(await isRouted('GET /v1/deployments/none')).toBe(false)
  })
})
