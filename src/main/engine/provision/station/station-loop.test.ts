import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mounted } from '../../../cli/commands/image-compose.cases.ts'
import { tool } from '../../../cli/commands/image.cases.ts'
import { seedBeside } from '../../compose/seed-image.ts'
import { createDrives } from '../../drives/drives.ts'
import { loopDevice, program } from '../../drives/loop.cases.ts'
import { KnownImages } from '../../flash/known-images.ts'
import { writeUnitCard } from '../../flash/write-card.ts'
import { nodeHost } from '../../host.node.ts'
import { sha256Of } from '../../lib/file-streams.ts'
import { makeDeviceKey } from '../device-key.ts'
import { Ledger } from '../ledger.ts'
import { parseRecipe } from '../recipe-file.ts'
import { resolveRecipe } from '../resolve.ts'
import { unitSeed } from '../seed.ts'
import { allocate } from '../unit/allocate.ts'
import { makeUnit } from '../unit/make-unit.ts'
import { CARD_BYTES, lookAtCard, makeRecipe, makeSmallCard } from './station.cases.ts'
import { cardIdOf } from './slots.ts'

describe('a unit on a block device', () => {
  it('is written through the kernel, whole at the very end, and the kernel mounts what it is', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes loop devices: no unit was made')
    const folder = mkdtempSync(join(tmpdir(), 'otabench-unit-loop-'))
    const host = nodeHost()
    const image = makeSmallCard(folder)
    const recipe = parseRecipe(readFileSync(makeRecipe(folder), 'utf8'), 'recipe.yaml')
    const resolved = await resolveRecipe(recipe, {
      ...{ files: host.files, folder, environment: () => undefined, privateKey: () => Promise.reject(new Error('none')) },
    })
    await using device = await loopDevice(CARD_BYTES, ['--partscan'])
    const drives = createDrives({ host, folder: join(folder, 'virtual'), ownFolders: [], onDefect: () => undefined })
    const drive = (await drives.list({ hasLoops: true })).find(({ identity }) => identity.path === device.path)
    if (!drive) throw new Error('it is not listed')
    using ledger = Ledger.open(join(folder, 'provision.db'), () => host.clock.now())
    ledger.orders.add('WO', { rows: null, total: 1 })
    const sha256 = await sha256Of(host.files, image, new AbortController().signal)
    const unit = allocate({
      ...{ ledger, order: ledger.orders.get('WO'), recipe, whenFailed: 'void', wanted: null, id: 'unit' },
      frame: {
        ...{ slot: device.path, card: cardIdOf(drive), imageSha256: sha256, server: null, hasLabel: false, operator: 'Ada' },
        startedAt: host.clock.now(),
      },
    })
    if (!unit) throw new Error('nothing to make')
    const front: string[] = []
    const job = { signal: new AbortController().signal, step: () => undefined, progress: () => undefined, log: () => undefined }
    const context = { files: host.files, folder, modifiedAt: host.clock.now(), onStep: () => undefined, onProgress: () => undefined }
    const parts: Parameters<typeof makeUnit>[1] = {
      ...{ units: ledger.units, server: null, overlayPath: join(folder, 'overlay'), label: null, makeKey: () => makeDeviceKey('p256') },
      seed: (key) => unitSeed(resolved, unit.facts.identity, key),
      seedBeside: (path, seed, signal) => seedBeside(image, path, seed, { ...context, signal, warn: () => undefined }),
      removeFile: (path) => host.files.remove(path),
      write: ({ beforeSeal, ...work }) =>
        writeUnitCard(
          {
            ...{ ...work, image, sha256, target: { path: device.path, identity: drive.identity, typedName: drive.name } },
            beforeSeal: async () => {
              front.push(program('blkid', ['-p', '-o', 'export', `--offset=${5 << 20}`, device.path]))
              await beforeSeal()
            },
          },
          {
            ...{ host, spoolPath: join(folder, 'spool'), known: new KnownImages(host, join(folder, 'known-images')) },
            targets: { writer: host.programs.writer, holdDrive: (target) => drives.hold(target, host.programs.writer) },
          },
        ),
    }
    const record = await makeUnit(unit, parts, job)
    // Everything was there but the first block.
    expect(front).toEqual([expect.stringContaining('TYPE=ext4')])
    expect(record).toMatchObject({ result: 'good', serial: 'L-0001' })
    program('sync', [])
    expect(lookAtCard(device.file)).toEqual({
      ...{ isWhole: true, identity: { serial: 'L-0001', batch: '7' }, keyFingerprint: record.keyFingerprint, complaints: ['', '', '', ''] },
    })
    copyFileSync(device.file, join(folder, 'copy.img'))
    const data = mounted(join(folder, 'copy.img'), 4, (place) => ({
      type: readFileSync(join(place, 'mender/device_type'), 'utf8'),
      key: tool('openssl', 'pkey', '-in', join(place, 'mender/mender-agent.pem'), '-noout', '-text').split('\n')[0],
    }))
    expect(data).toEqual({ type: 'device_type=board\n', key: 'Private-Key: (256 bit)' })
    // The image is as it was, and the key lies nowhere but on the card.
    expect(await sha256Of(host.files, image, new AbortController().signal)).toBe(sha256)
    expect(readdirSync(folder).filter((name) => name.startsWith('overlay'))).toEqual([])
    rmSync(folder, { recursive: true })
  })
})
