import { expect, it } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'

it('what is pasted travels whole, however long it is', () => {
  for (const text of ['', 'grün █\r', 'a long line of a log\n'.repeat(30_000)])
    expect(new TextDecoder().decode(fromBase64(toBase64(text)))).toBe(text)
})
