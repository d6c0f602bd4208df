import { describe, expect, it } from 'vitest'
import { parseAddress, parseGlobals } from './args.ts'

const parse = (...argv: string[]) => parseGlobals(argv, { HOME: '/home/x' }, '/desk')

describe('the global options', () => {
  it('may stand anywhere on the line, with = or a space', () => {
    const { globals, rest, isJson } = parse('devices', '--data', 'd', 'list', '--server=http://a', '--json', '-g', 'x')
    expect(globals).toEqual({ data: '/desk/d', server: 'http://a' })
    expect(rest).toEqual(['devices', 'list', '-g', 'x'])
    expect(isJson).toBe(true)
  })

  it('are not looked for behind --', () => {
    expect(parse('a', '--', '--json').rest).toEqual(['a', '--', '--json'])
  })

  it('default to the data folder of the desktop app', () => {
    expect(parse().globals.data).toBe('/home/x/.local/share/ota-bench')
    expect(parseGlobals([], { HOME: '/h', XDG_DATA_HOME: '/d' }, '/').globals.data).toBe('/d/ota-bench')
  })

  it('refuse a name without its value', () => {
    expect(() => parse('--data')).toThrow('--data needs a value')
  })
})

describe('an address', () => {
  it('is a host and a TCP port, or a TCP port on all interfaces', () => {
    expect(parseAddress('127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 })
    expect(parseAddress('8080')).toEqual({ host: '0.0.0.0', port: 8080 })
    expect(parseAddress('[::1]:443')).toEqual({ host: '::1', port: 443 })
  })

  it('is refused when it is none', () => {
    for (const text of ['', 'x', 'a:b', '1.2.3.4:70000', 'a:1:2']) expect(() => parseAddress(text)).toThrow('is not an address')
  })
})
