import type { IdentitySource } from '../../contract/recipe.ts'
import { quoted } from './shell.ts'

/** Where Mender's clients look for it. */
export const IDENTITY_SCRIPT = '/usr/share/mender/identity/mender-device-identity'

const MARK = '# Made by OTA Bench: what the server knows this board by.'

/** Wired before wireless, real before virtual, then in the kernel's order. */
const FIRST_MAC = `first_mac() {
  for d in /sys/class/net/*; do
    [ "$(cat "$d/type" 2>/dev/null)" = 1 ] || continue
    n=0
    [ -e "$d/device" ] || n=2
    [ -e "$d/wireless" ] && n=$((n + 1))
    echo "$n $(cat "$d/ifindex") $(cat "$d/address")"
  done | sort -n -k 1,1 -k 2,2 | head -n 1 | cut -d ' ' -f 3
}`

/** Prints the MAC of the first wired interface, or nothing. */
export const MAC_SCRIPT = `${FIRST_MAC}\nfirst_mac`

/** The script that says the identity; numbers of series come in as `allocated`. */
export function identityScript(identity: Readonly<Record<string, IdentitySource>>, allocated: Readonly<Record<string, string>>): string {
  const lines = Object.entries(identity).map(([name, source]) => {
    if (typeof source === 'string') return `printf '%s\\n' ${quoted(`${name}=${source}`)}`
    if ('series' in source) return `printf '%s\\n' ${quoted(`${name}=${allocated[name] ?? ''}`)}`
    const value = 'command' in source ? `${source.command}\n` : macOf(source.interface)
    return `printf '%s=%s\\n' ${quoted(name)} "$(${value.includes('\n') ? `\n${value}` : value})"`
  })
  const isAuto = Object.values(identity).some(
    (source) => typeof source === 'object' && 'interface' in source && source.interface === 'auto',
  )
  return ['#!/bin/sh', MARK, ...(isAuto ? [FIRST_MAC] : []), ...lines, ''].join('\n')
}

function macOf(name: string): string {
  return name === 'auto' ? 'first_mac' : `cat ${quoted(`/sys/class/net/${name}/address`)}`
}

export function isOurs(script: string): boolean {
  return script.includes(MARK)
}

/** What an identity script printed, as the server gets it. */
export function parseIdentity(output: string): Record<string, string> {
  const pairs = output.split(/\r?\n/).flatMap((line) => {
    const at = line.indexOf('=')
    return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : []
  })
  return Object.fromEntries(pairs)
}

/** Attributes that only the board itself can say. */
export function readOnBoard(identity: Readonly<Record<string, IdentitySource>>): string[] {
  return Object.entries(identity).flatMap(([name, source]) => (typeof source === 'object' && !('series' in source) ? [name] : []))
}
