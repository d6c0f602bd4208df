import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { request as ask } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineClient } from '../../cli/context.ts'
import { now } from '../../cli/live.ts'
import { AppError, CODE_HEADER } from '../../contract/errors.ts'
import type { UserRole } from '../../contract/roles.ts'
import { type TestEngine, logIn, openTestEngine } from '../engine.cases.ts'
import type { Host, HostFile } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { pageClient, pageSocket } from './page.cases.ts'

const MIB = 1 << 20

/** The real machine, with a disk of which a test says how it is. */
interface Disk {
  freeBytes: number | null
  cannotWrite: string
  onWrite: (bytes: number) => void
}

function machineWith(disk: Disk): Host {
  const host = nodeHost()
  const watched = (file: HostFile): HostFile => ({
    path: file.path,
    read: (into, position) => file.read(into, position),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    sync: () => file.sync(),
    sizeBytes: () => file.sizeBytes(),
    async write(bytes, position) {
      disk.onWrite(bytes.length)
      await file.write(bytes, position)
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  })
  return {
    ...host,
    machine: {
      ...host.machine,
      freeBytes: async (path) => disk.freeBytes ?? host.machine.freeBytes(path),
      canWrite: async (path) => path !== disk.cannotWrite && host.machine.canWrite(path),
    },
    files: {
      ...host.files,
      async open(path, mode, permissions) {
        const file = await host.files.open(path, mode, permissions)
        return path.endsWith('.new') && path.includes('.img.') ? watched(file) : file
      },
    },
  }
}

const answerBody = z.object({ path: z.string(), error: z.string() }).partial()
const query = (of: Record<string, string>): string => `/ui/upload?${new URLSearchParams(of).toString()}`

describe('a file that is uploaded to a machine that is shared', () => {
  const fine: Disk = { freeBytes: null, cannotWrite: '', onWrite: () => undefined }
  const disk: Disk = { ...fine }
  let page = ''
  let bench: TestEngine
  let folder = ''
  let uploads = ''
  const tokens: Partial<Record<UserRole, string>> = {}

  beforeAll(async () => {
    page = await mkdtemp(join(tmpdir(), 'otabench-page-'))
    await writeFile(join(page, 'index.html'), '<!doctype html>')
    bench = await openTestEngine({ uiFolder: page, isMachineShared: true }, machineWith(disk))
    uploads = join(bench.folder, 'data', 'uploads')
    for (const role of ['viewer', 'operator', 'engineer'] as const) {
      const user = { name: `${role}@lab`, password: 'a long password' }
      await bench.client.users.add({ ...user, role })
      tokens[role] = await logIn(bench.url, user)
    }
  })
  beforeEach(async () => {
    Object.assign(disk, fine)
    folder = await mkdtemp(join(bench.folder, 'images-'))
    await rm(uploads, { recursive: true, force: true })
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    await rm(page, { recursive: true })
  })

  const cookieOf = (role: UserRole) => ({ cookie: `otabench=${tokens[role]}`, origin: bench.url })

  async function put(of: Record<string, string>, body: string, headers: Record<string, string> = cookieOf('operator')) {
    const answer = await fetch(`${bench.url}${query(of)}`, { method: 'PUT', body, headers })
    return { status: answer.status, code: answer.headers.get(CODE_HEADER), body: answerBody.parse(await answer.json()) }
  }

  async function lastOrder() {
    const [order] = await now(bench.client.audit.list({}))
    return order && { ...order, detail: JSON.parse(order.detail) }
  }

  it('lies whole where it was wanted, and the audit log says who brought it', async () => {
    const { status, body } = await put({ folder, name: 'Karte ä+1.img.xz' }, 'image')
    expect([status, body]).toEqual([201, { path: join(folder, 'Karte ä+1.img.xz') }])
    expect(await readdir(folder)).toEqual(['Karte ä+1.img.xz'])
    expect(await readFile(body.path ?? '', 'utf8')).toBe('image')
    expect(await lastOrder()).toMatchObject({
      ...{ actor: 'operator@lab', token: '', address: '127.0.0.1', action: 'folders.upload', outcome: 'done' },
      detail: { folder, name: 'Karte ä+1.img.xz', sizeBytes: 5, isReplacing: false },
    })
    expect((await put({ folder, name: 'empty.img' }, '', cookieOf('engineer'))).status).toBe(201)
  })

  it('lies with the bench where no folder was named, or that one cannot be written', async () => {
    expect((await put({ name: 'card.img' }, 'image')).body.path).toBe(join(uploads, 'card.img'))
    disk.cannotWrite = folder
    expect((await put({ folder, name: 'other.img' }, 'image')).body.path).toBe(join(uploads, 'other.img'))
    expect(await readdir(folder)).toEqual([])
    expect(await put({ folder: join(folder, 'none'), name: 'card.img' }, 'image')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(await put({ folder: join(uploads, 'card.img'), name: 'x.img' }, 'image')).toMatchObject({ status: 400, code: 'BAD_INPUT' })
  })

  it('takes the place of another only where that was said', async () => {
    await writeFile(join(folder, 'card.img'), 'old')
    const refused = await put({ folder, name: 'card.img' }, 'new')
    expect(refused).toMatchObject({
      status: 409,
      code: 'CONFLICT',
      body: { error: expect.stringContaining(`There is a file ${folder}/card.img`) },
    })
    expect(await lastOrder()).toMatchObject({ action: 'folders.upload', outcome: expect.stringMatching(/^CONFLICT: There is a file /) })
    expect(await readFile(join(folder, 'card.img'), 'utf8')).toBe('old')
    expect((await put({ folder, name: 'card.img', replace: 'true' }, 'new')).status).toBe(201)
    expect(await readFile(join(folder, 'card.img'), 'utf8')).toBe('new')
    // A link that leads nowhere is not written through, a folder not replaced.
    await symlink(join(bench.folder, 'elsewhere'), join(folder, 'link.img'))
    await mkdir(join(folder, 'dir.img'))
    expect(await put({ folder, name: 'link.img' }, 'new')).toMatchObject({ code: 'CONFLICT' })
    expect(await put({ folder, name: 'dir.img', replace: 'true' }, 'new')).toMatchObject({ code: 'BAD_INPUT' })
    expect((await readdir(folder)).toSorted()).toEqual(['card.img', 'dir.img', 'link.img'])
  })

  it('does not take the place of one that has come meanwhile', async () => {
    disk.onWrite = () => writeFileSync(join(folder, 'card.img'), 'came first')
    expect(await put({ folder, name: 'card.img' }, 'mine')).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(await readdir(folder)).toEqual(['card.img'])
  })

  it('is given no name that leads elsewhere, hides it, or cannot be read', async () => {
    const names = [
      '',
      '.',
      '..',
      '../card.img',
      'a/b.img',
      '/etc/passwd',
      'a\\b.img',
      '.hidden.img',
      ' card.img',
      'card.img ',
      'a\0.img',
      'a\n.img',
    ]
    for (const name of [...names, 'card\u202Egmi.exe', 'x'.repeat(201)])
      expect([name, await put({ folder, name }, 'image')]).toEqual([name, expect.objectContaining({ status: 400, code: 'BAD_INPUT' })])
    expect(await readdir(folder)).toEqual([])
    expect((await readdir(bench.folder)).filter((name) => name.endsWith('.img'))).toEqual([])
  })

  it('is for operators who have logged in here, and not for viewers, tokens, programs or other sites', async () => {
    const { token } = await bench.client.tokens.create({ name: 'ci', scopes: [] })
    const of = { folder, name: 'card.img' }
    expect(await put(of, 'image', cookieOf('viewer'))).toMatchObject({
      ...{ status: 403, code: 'PERMISSION' },
      body: { error: expect.stringContaining('This takes an operator, and you are a viewer.') },
    })
    expect(await lastOrder()).toMatchObject({ actor: 'viewer@lab', outcome: expect.stringMatching(/^PERMISSION: /) })
    const { cookie } = cookieOf('engineer')
    const programs: Record<string, string>[] = [{ authorization: `Bearer ${token}` }, { cookie: `otabench=${token}`, origin: bench.url }]
    for (const headers of programs) {
      const body = { error: expect.stringContaining('you ask from elsewhere') }
      expect(await put(of, 'image', headers)).toMatchObject({ status: 403, body })
    }
    const foreign: Record<string, string>[] = [
      { cookie },
      { cookie, origin: 'http://evil.example' },
      { ...cookieOf('engineer'), 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of foreign) expect((await put(of, 'image', headers)).status).toBe(403)
    expect(await put(of, 'image', { origin: bench.url })).toMatchObject({ status: 401, code: 'LOGIN_REFUSED' })
    expect(await readdir(folder)).toEqual([])
  })

  it('is refused before it is sent when it does not fit on the disk', async () => {
    disk.freeBytes = 4
    const full = {
      status: 507,
      code: 'DISK_FULL',
      body: { error: expect.stringMatching(/^This takes 1 MB, and 0 MB are free on the disk of .*Free some/) },
    }
    expect(await put({ folder, name: 'card.img' }, 'image')).toMatchObject(full)
    const operator = pageOf('operator')
    const plan = operator.client.folders.planUpload({
      folder,
      files: [
        { name: 'card.img', sizeBytes: 3 },
        { name: 'b.img', sizeBytes: 2 },
      ],
    })
    await expect(plan).rejects.toMatchObject({ code: 'DISK_FULL' })
    operator.close()
  })

  it('leaves nothing behind when the disk fills up meanwhile, and says so', async () => {
    disk.onWrite = () => {
      throw new AppError('DISK_FULL', 'Cannot write: ENOSPC')
    }
    const answer = await put({ folder, name: 'card.img' }, 'x'.repeat(4 * MIB))
    expect(answer).toMatchObject({
      status: 507,
      code: 'DISK_FULL',
      body: { error: expect.stringMatching(/^The disk of .* was full before all of card\.img was there\. Free/) },
    })
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves nothing behind when it is cut off half-way', async () => {
    const begun = Promise.withResolvers<void>()
    disk.onWrite = () => begun.resolve()
    const sending = ask(`${bench.url}${query({ folder, name: 'card.img' })}`, {
      ...{ method: 'PUT', headers: { ...cookieOf('operator'), 'content-length': 10 * MIB } },
    })
    sending.on('error', () => undefined)
    sending.write(Buffer.alloc(MIB))
    await begun.promise
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^card\.img\..*\.new$/)])
    sending.destroy()
    await expect.poll(() => readdir(folder)).toEqual([])
    await expect.poll(lastOrder).toMatchObject({ outcome: 'CANCELLED: The upload was cut off', detail: { name: 'card.img' } })
  })

  it('ends when the session of who sends it ends', async () => {
    const user = { name: 'guest', password: 'a long password' }
    await bench.client.users.add({ ...user, role: 'operator' })
    const cookie = `otabench=${await logIn(bench.url, user)}`
    const begun = Promise.withResolvers<void>()
    disk.onWrite = () => begun.resolve()
    const sending = ask(`${bench.url}${query({ folder, name: 'card.img' })}`, {
      ...{ method: 'PUT', headers: { cookie, origin: bench.url, 'content-length': 10 * MIB } },
    })
    const ended = once(sending, 'error')
    sending.write(Buffer.alloc(MIB))
    await begun.promise
    for (const { id, userName } of await now(bench.client.users.sessions()))
      if (userName === 'guest') await bench.client.users.endSession({ id })
    await ended
    await expect.poll(() => readdir(folder)).toEqual([])
  })

  it('is never held in memory: what was sent and is not yet on the disk stays small, however large it is', async () => {
    const [total, limit] = [96 * MIB, 24 * MIB]
    const counted = { sent: 0, written: 0, most: 0 }
    disk.onWrite = (bytes) => {
      counted.most = Math.max(counted.most, counted.sent - counted.written)
      counted.written += bytes
    }
    const sending = ask(`${bench.url}${query({ folder, name: 'large.img' })}`, {
      ...{ method: 'PUT', headers: { ...cookieOf('operator'), 'content-length': total } },
    })
    const answered = once(sending, 'response')
    const piece = Buffer.alloc(256 * 1024, 7)
    for (let left = total; left > 0; left -= piece.length)
      await new Promise<void>((resolve) =>
        sending.write(piece, () => {
          counted.sent += piece.length
          resolve()
        }),
      )
    sending.end()
    const [answer] = await answered
    expect(answer.statusCode).toBe(201)
    expect(counted).toMatchObject({ sent: total, written: total })
    expect(counted.most).toBeLessThan(limit)
  })

  it('is planned with its map: both get the same free name', async () => {
    const operator = pageOf('operator')
    const files = ['card.img.gz', 'card.img.bmap'].map((name) => ({ name, sizeBytes: 1 }))
    for (const name of ['card.img.gz', 'card-2.img.bmap']) await writeFile(join(folder, name), '')
    expect(await operator.client.folders.planUpload({ folder, files })).toEqual({
      folder,
      files: [
        { name: 'card.img.gz', isThere: true, otherName: 'card-3.img.gz' },
        { name: 'card.img.bmap', isThere: false, otherName: 'card-3.img.bmap' },
      ],
    })
    expect(await operator.client.folders.planUpload({ folder: null, files })).toMatchObject({ folder: uploads })
    operator.close()
    const viewer = pageOf('viewer')
    await expect(viewer.client.folders.planUpload({ folder, files })).rejects.toMatchObject({ code: 'PERMISSION' })
    viewer.close()
  })

  /** The page with the session of a user. */
  function pageOf(role: UserRole): { client: EngineClient; close: () => void } {
    const socket = pageSocket(bench.url, cookieOf(role).cookie)
    return { client: pageClient(socket), close: () => socket.close() }
  }
})

describe('a file that is uploaded', () => {
  it('is refused where the machine is not shared', async () => {
    const page = await mkdtemp(join(tmpdir(), 'otabench-page-'))
    await writeFile(join(page, 'index.html'), '<!doctype html>')
    await using bench = await openTestEngine({ uiFolder: page })
    const headers = { cookie: `otabench=${await bench.token()}`, origin: bench.url }
    const answer = await fetch(`${bench.url}${query({ folder: bench.folder, name: 'card.img' })}`, { method: 'PUT', body: 'x', headers })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('you ask from elsewhere')])
    expect(await readdir(bench.folder)).toEqual(['data'])
    await rm(page, { recursive: true })
  })

  it('and was on its way when the engine was killed is gone after the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-swept-'))
    await mkdir(join(folder, 'uploads'))
    const names = ['card.img', 'card.img.123e4567-e89b-12d3-a456-426614174000.new', 'notes.new']
    for (const name of names) await writeFile(join(folder, 'uploads', name), '')
    await (await openTestEngine({ dataFolder: folder }))[Symbol.asyncDispose]()
    expect(await readdir(join(folder, 'uploads'))).toEqual(['card.img', 'notes.new'])
    await rm(folder, { recursive: true })
  })
})
