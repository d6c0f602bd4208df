import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DebianBoard } from '../../engine/provision/debian-board.cases.ts'
import { runLine } from '../command.cases.ts'
import { provisionCommand } from './provision.ts'

/** An image that says who it is by itself, in a place that nobody can write to. */
const READ_ONLY = String.raw`d=/usr/share/mender/identity; mkdir -p $d
printf '#!/bin/sh\necho serial=S-1\n' > $d/mender-device-identity; chmod 755 $d/mender-device-identity
mount --bind $d $d; mount -o remount,bind,ro $d`

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'otabench-read-only-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function provision(board: DebianBoard, serial: string) {
  const recipe = join(folder, 'recipe.yaml')
  writeFileSync(recipe, `version: 1\nidentity: {serial: ${serial}}\nkey: p256\nclient: {apt: []}\nserver: {url: "http://127.0.0.1:9"}\n`)
  const words = ['--json', 'ssh', board.place, '--recipe', recipe, '-i', join(board.folder, 'user')]
  return runLine(words, { command: provisionCommand, cwd: folder })
}

it('an identity that cannot be written will do where it is the one of the recipe, and is refused where it is another', async () => {
  if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: nothing was provisioned')
  await using board = await DebianBoard.start({ sudo: 'free', prepare: READ_ONLY })
  const before = board.state()
  const { exitCode, stderr } = await provision(board, 'S-2')
  expect([exitCode, stderr]).toEqual([
    3,
    expect.stringMatching(/PERMISSION: Cannot write \S+mender-device-identity on .*Read-only file system[^]*Undone: .*files/),
  ])
  expect(board.state()).toBe(before)
  expect(await provision(board, 'S-1')).toMatchObject({
    ...{ exitCode: 0, stderr: '' },
    json: [{ identity: { serial: 'S-1' }, unchanged: ['/usr/share/mender/identity/mender-device-identity'] }],
  })
})
