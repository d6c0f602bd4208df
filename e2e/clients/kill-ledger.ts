import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import type { BenchProcess } from './bench-process.ts'

/** A value that was written several times: the last that was acknowledged, and what was sent after it and may or may not be there. */
interface Written {
  acknowledged: string
  sent: string[]
}

interface AcknowledgedDevice {
  id: string
  serial: string
  note: Written | null
  group: string | null
}

const attribute = z.object({ name: z.string(), value: z.unknown(), scope: z.string() })
const listed = z.array(z.object({ id: z.string(), attributes: z.array(attribute).default([]) }))
const artifactList = z.array(z.object({ id: z.string(), name: z.string() }))

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What the server has answered 2xx to, kept by who asked: all of it must be there whatever happens to the server. */
export class Ledger {
  readonly devices = new Map<string, AcknowledgedDevice>()
  readonly artifacts = new Map<string, { name: string; sha256: string }>()
  /** Artifacts whose removal was asked for: they may be there until that is acknowledged. */
  readonly removals = new Map<string, { isAcknowledged: boolean }>()
  readonly tokens: string[] = []
  readonly deployments: string[] = []
  /** Requests that a server which lives must not refuse. */
  readonly refusals: string[] = []

  get count(): number {
    return this.devices.size + this.artifacts.size + this.removals.size + this.tokens.length + this.deployments.length
  }

  async #pages(bench: BenchProcess, path: string): Promise<unknown[]> {
    const all: unknown[] = []
    for (let page = 1; ; page += 1) {
      const found = z.array(z.unknown()).parse(await bench.api('GET', `${path}?per_page=500&page=${page}`))
      all.push(...found)
      if (found.length < 500) return all
    }
  }

  /** What is lost or damaged, in sentences; nothing when all is well. */
  async losses(bench: BenchProcess): Promise<string[]> {
    return [
      ...this.refusals,
      ...databaseDamage(join(bench.folder, 'bench.db')),
      ...(await this.#lostDevices(bench)),
      ...(await this.#lostArtifacts(bench)),
      ...(await this.#lostTokens(bench)),
    ]
  }

  async #lostDevices(bench: BenchProcess): Promise<string[]> {
    const found = new Map(listed.parse(await this.#pages(bench, 'v1/inventory/devices')).map((each) => [each.id, each.attributes]))
    return [...this.devices].flatMap(([mac, { id, serial, note, group }]) => {
      const value = (name: string, scope: string): unknown =>
        found.get(id)?.find((each) => each.name === name && each.scope === scope)?.value
      if (!found.has(id)) return [`the device ${mac} is lost`]
      const lost: string[] = []
      if (value('serial', 'inventory') !== serial) lost.push(`the inventory of ${mac} is lost`)
      if (note && ![note.acknowledged, ...note.sent].includes(String(value('note', 'tags')))) lost.push(`the tag of ${mac} is lost`)
      if (group !== null && value('group', 'system') !== group) lost.push(`the group of ${mac} is lost`)
      return lost
    })
  }

  async #lostArtifacts(bench: BenchProcess): Promise<string[]> {
    const folder = join(bench.folder, 'artifacts')
    const library = new Map(artifactList.parse(await bench.api('GET', 'v1/deployments/artifacts')).map(({ id, name }) => [id, name]))
    const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
    const lost = files.filter((file) => !library.has(file.replace('.mender', ''))).map((file) => `${file} belongs to no artifact`)
    for (const [id, { name, sha256: sum }] of this.artifacts) {
      const removal = this.removals.get(id)
      if (removal?.isAcknowledged && library.has(id)) lost.push(`${name} is back, though its removal was acknowledged`)
      if (removal && !library.has(id)) continue
      if (!removal && !library.has(id)) lost.push(`${name} is lost`)
      else if (library.has(id) && sha256(await readFile(join(folder, `${id}.mender`))) !== sum) lost.push(`the file of ${name} is damaged`)
    }
    return lost
  }

  async #lostTokens(bench: BenchProcess): Promise<string[]> {
    const lost: string[] = []
    for (const token of this.tokens) {
      const answer = await fetch(`${bench.http}/api/management/v1/useradm/users/me`, { headers: { authorization: `Bearer ${token}` } })
      await answer.arrayBuffer()
      if (answer.status !== 200) lost.push(`a personal access token answers ${answer.status}`)
    }
    return lost
  }
}

/** What SQLite's own checks say of the file. */
function databaseDamage(path: string): string[] {
  const db = new Database(path, { readonly: true })
  try {
    const found = z.array(z.object({ integrity_check: z.string() })).parse(db.pragma('integrity_check'))
    const broken = z.array(z.unknown()).parse(db.pragma('foreign_key_check'))
    return [
      ...found.flatMap(({ integrity_check: said }) => (said === 'ok' ? [] : [`SQLite: ${said}`])),
      ...(broken.length === 0 ? [] : [`SQLite: ${broken.length} rows refer to nothing`]),
    ]
  } finally {
    db.close()
  }
}
