import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeHost } from '../../../host.node.ts'
import { labelOf } from './label.ts'
import { labelText } from './label-text.ts'
import { sendLabel } from './send.ts'

const HARD = 'SN ^XZ~JA_(1)\\ Ü'

/** The commands of a label: each begins with ^ or ~, and field data ends at the next one. */
function commandsOf(zpl: string): { name: string; data: string }[] {
  const found = [...zpl.matchAll(/([\^~])(A0|[A-Z]{2})([^^~]*)/g)]
  const parts = found.map(([, prefix = '', name = '', data = '']) => ({ name: prefix + name, data: data.replace(/\n$/, '') }))
  expect(parts.map(({ name, data }) => name + data).join('')).toBe(zpl.replaceAll('\n', ''))
  return parts
}

/** What a printer makes of field data after ^FH. */
function decoded(data: string): string {
  const bytes = Buffer.from(data, 'latin1').toString('latin1')
  return Buffer.from(
    bytes.replaceAll(/_([\dA-F]{2})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16))),
    'latin1',
  ).toString('utf8')
}

describe('a label', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-label-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each(['SN-00042', 'https://lan/d/' + 'x'.repeat(90), '0'])('as a PDF is read by a camera: %s', (serial) => {
    writeFileSync(join(folder, 'label.pdf'), labelOf('pdf', labelText({ serial, identity: { serial, batch: 'ü (7)' } })), 'latin1')
    const info = execFileSync('pdfinfo', [join(folder, 'label.pdf')], { encoding: 'utf8' })
    expect(info).toMatch(/Pages: +1[^]*Page size: +170\.079 x 85\.039 pts/)
    execFileSync('pdftoppm', ['-r', '300', '-png', '-singlefile', join(folder, 'label.pdf'), join(folder, 'label')])
    expect(execFileSync('zbarimg', ['--quiet', '--raw', join(folder, 'label.png')], { encoding: 'utf8' })).toBe(`${serial}\n`)
    const text = execFileSync('pdftotext', [join(folder, 'label.pdf'), '-'], { encoding: 'utf8' })
    expect(text).toContain('batch ü (7)')
  })

  it('as ZPL is one label of known commands, with fields that end and texts that begin no command', () => {
    const commands = commandsOf(labelOf('zpl', { serial: HARD, lines: ['a ^FS b', 'mac 02:00', '', 'x', 'too many'] }))
    expect(commands[0]?.name).toBe('^XA')
    expect(commands.at(-1)?.name).toBe('^XZ')
    expect(commands.filter(({ name }) => name === '^XZ')).toHaveLength(1)
    const known = ['^XA', '^CI', '^PW', '^LL', '^LH', '^FO', '^BQ', '^FH', '^FD', '^FS', '^A0', '^XZ']
    expect(commands.filter(({ name }) => !known.includes(name))).toEqual([])
    const fields = commands.flatMap(({ name, data }, index) => (name === '^FD' ? [{ data, next: commands[index + 1]?.name }] : []))
    expect(fields.every(({ next }) => next === '^FS')).toBe(true)
    expect(fields.map(({ data }) => decoded(data))).toEqual([`QA,${HARD}`, HARD, 'a ^FS b', 'mac 02:00', '', 'x'])
    expect(commands.filter(({ name }) => name === '^FH')).toHaveLength(fields.length)
  })

  it('goes to a program, and to a file whatever its number is', async () => {
    const host = nodeHost()
    const sending = { host, signal: new AbortController().signal }
    const text = { serial: '../../etc/x', lines: [] }
    expect(await sendLabel(text, { format: 'pdf', folder, printer: { command: ['tee', join(folder, 'printed')] } }, sending)).toBe(
      `${folder}/..%2f..%2fetc%2fx.pdf, tee`.replace('/..%2f', '/%2e.%2f'),
    )
    expect(execFileSync('cmp', [join(folder, 'printed'), join(folder, '%2e.%2f..%2fetc%2fx.pdf')], { encoding: 'utf8' })).toBe('')
    const failing = sendLabel(text, { format: 'zpl', folder: null, printer: { command: ['false'] } }, sending)
    await expect(failing).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
    const hanging = sendLabel(text, { format: 'zpl', folder: null, printer: { command: ['sleep', '600'] } }, { ...sending, printerMs: 500 })
    await expect(hanging).rejects.toMatchObject({
      ...{ code: 'DEVICE_UNREACHABLE', message: 'sleep has not taken the label in 0.5 s', hint: 'See to the label printer.' },
    })
    await expect(sendLabel(text, { format: 'zpl', folder: null, printer: null }, sending)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })
})
