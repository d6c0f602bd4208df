import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const here = 'src/main/engine/server'

/** What breaks servers for Mender's clients, each with the test that guards ours: file and a piece of its title. */
const TRAPS: readonly [trap: string, file: string, title: string][] = [
  ['1 the signature is over the raw bytes', `${here}/device-auth.test.ts`, 'refuses a signature over the body without its final newline'],
  ['2 Ed25519 is what clients 5 use', `${here}/device-auth.test.ts`, "'ed25519'])('takes a signature by an %s key"],
  ['3 Authorization means nothing at authentication', `${here}/device.cases.ts`, "authorization: 'API_KEY'"],
  [
    '4 a token that is no good is 401, never 403',
    `${here}/device-auth.test.ts`,
    'ends when the key is rejected, when the device is decommissioned',
  ],
  ['5 inventory is 200', `${here}/device-api.test.ts`, 'is answered with exactly 200 and an empty body of known length'],
  ['5 status and log are 204', `${here}/device-api.test.ts`, 'is answered 204, also when it repeats'],
  ['6 v2 next answers, 204 and not 404', `${here}/device-api.test.ts`, 'is 204 while there is nothing, in each version'],
  ['7 length and exact ranges', `${here}/download.test.ts`, 'comes from the address that the device used, whole, with its length'],
  ['7 links outlive the day', `${here}/download.test.ts`, 'does not end with the day'],
  ['8 the address is the one that the device used', `${here}/device-api.test.ts`, 'with a link by the host that the device used'],
  ['9 no empty body without a length', `${here}/device-api.test.ts`, 'an empty body of known length'],
  ['10 offsets are 64-bit; the relay keeps the bytes', 'src/main/engine/connect/frame.test.ts', '(trap 10)'],
  ['11 a device takes 8 KiB a message', `${here}/connect.test.ts`, '(trap 11)'],
  ['12 pings in own sessions are answered', `${here}/connect.test.ts`, '(trap 12)'],
  ['13 the connection drops once in each deployment', 'src/main/engine/connect/lines.test.ts', '(trap 13)'],
  ['14 statuses come twice', `${here}/device-api.test.ts`, 'is answered 204, also when it repeats'],
  ['15 up again at the time of the commit', 'e2e/clients/kill.test.ts', 'in the middle of a deployment the devices finish it'],
  ['16 no unknown field in a control map', `${here}/update-control.test.ts`, '(trap 16)'],
  ['17 odd logs are taken', `${here}/device-api.test.ts`, 'may be 10 MB'],
  ['18 bodies in chunks', `${here}/download.test.ts`, 'may come in chunks, without a length'],
  ['19 a password may hold a colon', `${here}/management.cases.ts`, "PASSWORD = 'pass:word'"],
  ['20 meta_data is a list', `${here}/management-artifacts.test.ts`, 'lists it as mender-cli needs it'],
  ['21 the fields of an upload in any order', `${here}/connect.test.ts`, '(trap 21)'],
  ['22 bodies have their limits', `${here}/device-api.test.ts`, 'has its limit, and other bodies have a smaller one'],
]

it.each(TRAPS)('%s: %s', (_trap, file, title) => {
  expect(existsSync(join(root, file))).toBe(true)
  expect(readFileSync(join(root, file), 'utf8')).toContain(title)
})
