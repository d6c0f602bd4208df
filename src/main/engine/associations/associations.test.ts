import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeHost } from '../host.fake.ts'
import { nodeHost } from '../host.node.ts'
import { Associations } from './associations.ts'
import { ARTIFACT_TYPE, desktopEntry, LINK_TYPE, withoutEntry } from './desktop-files.ts'

const iconFile = join(import.meta.dirname, '..', '..', '..', '..', 'resources', 'desktop', 'ota-bench.svg')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-xdg-'))
  mkdirSync(join(folder, 'config'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const environment = () => ({
  ...{ HOME: folder, XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config'), XDG_CURRENT_DESKTOP: '' },
})
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { env: { ...process.env, ...environment() }, encoding: 'utf8' })

/** This machine, with folders of its own for what belongs to the user. */
function associations(): Associations {
  const host = nodeHost()
  const own: Readonly<Record<string, string>> = environment()
  return new Associations({
    host: {
      ...host,
      machine: { ...host.machine, environment: (name) => own[name] ?? host.machine.environment(name) },
      programs: {
        ...host.programs,
        find: (name) => host.programs.find(name),
        run: (name, args) => host.programs.run('env', [...Object.entries(own).map(([key, value]) => `${key}=${value}`), name, ...args]),
      },
    },
    launch: ['/opt/ota bench/run', 'app'],
    iconFile,
  })
}

describe('the desktop of a user', () => {
  it('opens .mender files and otabench:// links with the bench, as xdg-utils say, until that is taken back', async () => {
    const own = associations()
    expect(await own.isOn()).toBe(false)
    writeFileSync(join(folder, 'config', 'mimeapps.list'), '[Default Applications]\ntext/plain=editor.desktop\n')
    const { files, notes } = await own.install()
    expect(notes).toEqual([])
    expect(await own.isOn()).toBe(true)
    const [entry = '', , icon = ''] = files
    expect(run('desktop-file-validate', entry)).toBe('')
    expect(run('xdg-mime', 'query', 'default', ARTIFACT_TYPE).trim()).toBe('ota-bench.desktop')
    expect(run('xdg-mime', 'query', 'default', LINK_TYPE).trim()).toBe('ota-bench.desktop')
    expect(readFileSync(join(folder, 'data', 'mime', 'globs2'), 'utf8')).toContain(`60:${ARTIFACT_TYPE}:*.mender`)
    expect(readFileSync(join(folder, 'data', 'applications', 'mimeinfo.cache'), 'utf8')).toContain(`${ARTIFACT_TYPE}=ota-bench.desktop;`)
    expect(readFileSync(icon, 'utf8')).toContain('<svg')

    // Once more changes nothing.
    await own.install()
    expect(readFileSync(join(folder, 'config', 'mimeapps.list'), 'utf8').match(/ota-bench/g)).toHaveLength(2)

    await own.remove()
    expect(await own.isOn()).toBe(false)
    expect(files.filter((file) => existsSync(file))).toEqual([])
    expect(run('xdg-mime', 'query', 'default', ARTIFACT_TYPE).trim()).toBe('')
    expect(run('xdg-mime', 'query', 'default', LINK_TYPE).trim()).toBe('')
    expect(readFileSync(join(folder, 'data', 'mime', 'globs2'), 'utf8')).not.toContain('mender')
    expect(readFileSync(join(folder, 'config', 'mimeapps.list'), 'utf8')).toContain('text/plain=editor.desktop')
    expect(readFileSync(join(folder, 'config', 'mimeapps.list'), 'utf8')).not.toContain('ota-bench')
    await own.remove()
  })

  it('offers the bench for images, recipes and lists, and leaves them to the programs that are set for them', async () => {
    const own = associations()
    writeFileSync(join(folder, 'config', 'mimeapps.list'), '[Default Applications]\ntext/csv=sheet.desktop\n')
    await own.install()
    expect(readFileSync(join(folder, 'config', 'mimeapps.list'), 'utf8')).toContain('text/csv=sheet.desktop')
    const opens = readFileSync(join(folder, 'data', 'applications', 'mimeinfo.cache'), 'utf8')
    for (const name of [
      'card.img',
      'card.WIC',
      'card.sdimg.gz',
      'card.img.xz',
      'card.wic.zst',
      'card.img.bz2',
      'recipe.yaml',
      'order.csv',
    ]) {
      writeFileSync(join(folder, name), 'a,b\n')
      const type = /content-type: (\S+)/.exec(run('gio', 'info', '--attributes=standard::content-type', join(folder, name)))?.[1]
      expect.soft(opens, `${name} is ${type}`).toContain(`\n${type}=ota-bench.desktop;`)
    }
  })

  it('is told nothing where nothing could be started', async () => {
    const own = new Associations({ host: fakeHost(), launch: null, iconFile })
    await expect(own.install()).rejects.toMatchObject({ code: 'PERMISSION' })
  })
})

describe('the files', () => {
  it('quote what is special in the path of the program', () => {
    expect(desktopEntry([String.raw`/a "b"/$c`, '50%'])).toContain(String.raw`Exec="/a \\"b\\"/\\$c" "50%%" %U`)
  })

  it('leave what others have in a list of default programs', () => {
    const list = '# mine\n[Default Applications]\na/b=x.desktop\nc/d=ota-bench.desktop\ne/f=x.desktop;ota-bench.desktop;y.desktop;\n'
    expect(withoutEntry(list)).toBe('# mine\n[Default Applications]\na/b=x.desktop\ne/f=x.desktop;y.desktop;\n')
  })
})
