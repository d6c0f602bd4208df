import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { parseRecipe } from './recipe-file.ts'

const example = (name: string) => readFileSync(join(import.meta.dirname, '../../../../resources/recipes', name), 'utf8')

function refusal(text: string): string {
  try {
    parseRecipe(text, 'r.yaml')
    return 'taken'
  } catch (thrown) {
    return thrown instanceof AppError && thrown.code === 'BAD_INPUT' ? thrown.message : String(thrown)
  }
}

describe('a recipe', () => {
  it('may say as much as the examples that are shipped, or nothing', () => {
    const recipe = parseRecipe(example('debian-board.yaml'), 'debian-board.yaml')
    expect(recipe).toMatchObject({ deviceType: 'raspberrypi4', key: { type: 'rsa-3072' }, services: { enable: ['mender-client'] } })
    expect(parseRecipe(example('virtual-board.yaml'), 'virtual-board.yaml')).toMatchObject({ deviceType: 'virt-arm64', commands: [] })
    expect(parseRecipe('version: 1', 'r.yaml')).toMatchObject({ files: [], commands: [], client: { apt: ['mender-client'] } })
  })

  it.each([
    ['version: 2', 'r.yaml:1:1: version: this bench knows version 1'],
    ['version: 1\ndevicetype: x', 'r.yaml:2:1: Unrecognized key: "devicetype"'],
    ['version: 1\nfiles:\n  - to: /a\n    from: b\n    test: c', 'r.yaml:5:5: files.0: Unrecognized key: "test"'],
    ['version: 1\nfiles:\n  - {to: a, text: b}', 'r.yaml:3:6: files.0.to: an absolute path on the board'],
    ['version: 1\nfiles: [{to: /a}]', 'one of from, text and secret is needed'],
    ['version: 1\nfiles: [{to: /a, text: b, mode: "9"}]', 'files.0.mode: permissions in octal digits'],
    ['version: 1\nidentity:\n  serial: {series: lab, pattern: SN}', 'r.yaml:3:25: identity.serial.pattern: a text with {0000}'],
    ['version: 1\nidentity: {}', 'identity: at least one attribute'],
    ['version: 1\nkey: dsa', 'r.yaml:2:1: key'],
    ['version: 1\nkey: {secret: hunter2}', 'key.secret: env:NAME, file:PATH or key:NAME'],
    ['version: 1\nmenderConf: {TenantToken: abc}', 'menderConf.TenantToken: a token is not written here'],
    ['version: 1\nfiles: [{to: /a, text: "-----BEGIN PRIVATE KEY-----"}]', 'a private key is not written here'],
    ['version: 1\nserver: {url: "ftp://x"}', 'server.url'],
    ['version: 1\nversion: 1', 'r.yaml:2:1: Map keys must be unique'],
    ['version: [1', 'r.yaml:1:'],
    ['a: &a [*a]', 'r.yaml:1:'],
    ['just words', 'r.yaml:1:1'],
  ])('is refused with line and column: %j', (text, message) => {
    expect(refusal(text)).toContain(message)
  })

  it('is taken or refused in words, whatever it holds', () => {
    const yaml = fc.oneof(
      fc.string(),
      fc.json().map((text) => `version: 1\nmenderConf: ${text}`),
      fc.json().map((text) => `version: 1\nidentity: {a: ${text}}\nfiles: [${text}]`),
    )
    expect(() => fc.assert(fc.property(yaml, (text) => /^(taken|r\.yaml)/.test(refusal(text))))).not.toThrow()
  })
})
