import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { complaints, cutOut, sfdisk } from '../../../cli/commands/image-compose.cases.ts'
import { tool } from '../../../cli/commands/image.cases.ts'
import type { EngineClient } from '../../../cli/context.ts'
import { until } from '../../../cli/live.ts'
import type { StationLane, StationSetup, StationView, UnitRecord } from '../../../contract/station.ts'
import { program } from '../../drives/loop.cases.ts'

const MIB = 1 << 20
export const CARD_BYTES = 40 * MIB

/** A small card of boot, A, B and data: `card.img` in `folder`. */
export function makeSmallCard(folder: string): string {
  const card = join(folder, 'card.img')
  mkdirSync(join(folder, 'tree/etc/mender'), { recursive: true })
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'tree/etc/mender/artifact_info'), 'artifact_name=release-1\n')
  writeFileSync(card, '')
  truncateSync(card, 30 * MIB)
  program('/usr/sbin/sfdisk', ['-q', card], 'label: dos\n1MiB,4MiB,c\n5MiB,8MiB,83\n13MiB,8MiB,83\n21MiB,8MiB,83\n')
  tool('/usr/sbin/mkfs.vfat', '-n', 'BOOT', '--offset', String(MIB / 512), card, '4096')
  for (const [at, tree] of [
    [5, 'tree'],
    [13, 'tree'],
    [21, 'empty'],
  ] as const)
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', join(folder, tree), '-E', `offset=${at * MIB}`, card, '8M')
  return card
}

/** The units of `line` are L-0001 and so on. */
export function makeRecipe(folder: string, rule: 'void' | 'give-again' = 'void', more = ''): string {
  const path = join(folder, `recipe.${rule}.yaml`)
  const series = `{series: line, pattern: "L-{0000}", whenFailed: ${rule}}`
  writeFileSync(path, `version: 1\ndeviceType: board\nidentity: {serial: ${series}, batch: "7"}\nkey: p256\n${more}`)
  return path
}

/** What a card says of itself, as e2fsprogs and openssl read it. */
export interface FoundOnCard {
  /** Whether it has a partition table at all. */
  isWhole: boolean
  identity: Record<string, string>
  keyFingerprint: string
  complaints: string[]
}

export function lookAtCard(path: string): FoundOnCard {
  try {
    sfdisk(path)
  } catch {
    return { isWhole: false, identity: {}, keyFingerprint: '', complaints: [] }
  }
  const [boot = '', slotA = '', slotB = '', data = ''] = cutOut(path)
  const cat = (image: string, file: string) => tool('/usr/sbin/debugfs', '-R', `cat ${file}`, image)
  const script = cat(slotA, '/usr/share/mender/identity/mender-device-identity')
  if (script !== cat(slotB, '/usr/share/mender/identity/mender-device-identity')) throw new Error('the slots say different identities')
  writeFileSync(`${path}.sh`, script)
  writeFileSync(`${path}.pem`, cat(data, '/mender/mender-agent.pem'))
  tool('openssl', 'pkey', '-in', `${path}.pem`, '-pubout', '-outform', 'DER', '-out', `${path}.der`)
  const said = tool('sh', `${path}.sh`).trim().split('\n')
  return {
    isWhole: true,
    identity: Object.fromEntries(said.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    keyFingerprint: createHash('sha256')
      .update(readFileSync(`${path}.der`))
      .digest('hex'),
    complaints: [boot, slotA, slotB, data].map(complaints),
  }
}

/** Simulated readers: a virtual drive of that name is a card in one. */
export class Readers {
  readonly #client: EngineClient
  readonly #dataFolder: string

  constructor(client: EngineClient, dataFolder: string) {
    this.#client = client
    this.#dataFolder = dataFolder
  }

  cardPath(name: string): string {
    return join(this.#dataFolder, 'virtual-drives', `${name}.img`)
  }

  async insert(name: string, sizeBytes = CARD_BYTES): Promise<void> {
    await this.#client.drives.createVirtual({ name, sizeBytes })
  }

  async remove(name: string): Promise<void> {
    await this.#client.drives.removeVirtual({ id: name })
  }

  async lane(name: string, isReached: (lane: StationLane) => boolean): Promise<StationLane> {
    const find = (view: StationView) => view.lanes.find(({ slot }) => slot === slotNamed(name))
    const view = await until(this.#client.station.view(), (each) => {
      const lane = find(each)
      return lane !== undefined && isReached(lane)
    })
    const lane = find(view)
    if (!lane) throw new Error(`there is no lane ${name}`)
    return lane
  }

  /** Puts a new card in, and waits for what becomes of it. */
  async run(name: string): Promise<StationLane> {
    await this.lane(name, ({ word }) => word === 'INSERT CARD')
    await this.insert(name)
    return this.lane(name, ({ word }) => word === 'REMOVE CARD' || word === 'FAILED')
  }
}

export function slotNamed(name: string): string {
  return `virtual:${name}`
}

export function setupOf(recipe: string, image: string, more: Partial<StationSetup> = {}): StationSetup {
  return {
    ...{ recipe, image, card: { minBytes: 0, maxBytes: null, brand: '' }, server: 'bench', label: null, whenFailed: 'give-again' },
    ...more,
  }
}

export async function recordsOf(client: EngineClient): Promise<UnitRecord[]> {
  const newest = await until(client.station.records({ limit: 1000 }), () => true)
  return newest.toReversed()
}
