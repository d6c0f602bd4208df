import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { ARTIFACT_TYPE, desktopEntry, ENTRY, LINK_TYPE, mimePackage, withoutEntry } from './desktop-files.ts'

interface AssociationParts {
  host: Host
  /** The program that opens the app, and its arguments; null where nothing is known that would. */
  launch: readonly string[] | null
  /** The picture of the app, an SVG. */
  iconFile: string
}

interface Done {
  files: string[]
  /** What a desktop will notice later only, and why. */
  notes: string[]
}

/** By what the desktop of this user knows who opens `.mender` files and `otabench://` links. */
export class Associations {
  readonly #parts: AssociationParts

  constructor(parts: AssociationParts) {
    this.#parts = parts
  }

  async isOn(): Promise<boolean> {
    return this.#parts.host.machine.platform === 'linux' && (await this.#parts.host.files.stat(this.#paths().entry)) !== null
  }

  /** Writes the files below the user's own data folder and tells the desktop. PERMISSION where that cannot be. */
  async install(): Promise<Done> {
    const { host, launch, iconFile } = this.#parts
    this.#refuseOthers()
    if (launch === null)
      throw new AppError('PERMISSION', 'This copy of the bench has no ./run that a desktop could start', 'Install it from the checkout.')
    const { entry, mime, icon } = this.#paths()
    const content = [
      [entry, new TextEncoder().encode(desktopEntry(launch))],
      [mime, new TextEncoder().encode(mimePackage())],
      [icon, await readWhole(host.files, iconFile)],
    ] as const
    for (const [path, bytes] of content) {
      await host.files.makeFolder(path.slice(0, path.lastIndexOf('/')))
      await writeAtomic(host.files, path, bytes)
    }
    const notes = await this.#refresh()
    const chosen = await this.#run('xdg-mime', ['default', ENTRY, ARTIFACT_TYPE, LINK_TYPE])
    return {
      files: content.map(([path]) => path),
      notes: [...notes, ...(chosen === null ? [] : [`${chosen} Choose OTA Bench in the file manager.`])],
    }
  }

  /** Removes what `install` has written. */
  async remove(): Promise<Done> {
    const { files } = this.#parts.host
    this.#refuseOthers()
    const { entry, mime, icon, defaults } = this.#paths()
    for (const path of [entry, mime, icon]) await files.remove(path)
    if (await files.stat(defaults)) {
      const before = new TextDecoder().decode(await readWhole(files, defaults))
      const after = withoutEntry(before)
      if (after !== before) await writeAtomic(files, defaults, new TextEncoder().encode(after))
    }
    return { files: [entry, mime, icon], notes: await this.#refresh() }
  }

  #refuseOthers(): void {
    if (this.#parts.host.machine.platform !== 'linux')
      throw new AppError('PERMISSION', 'This system keeps no such files', 'Choose OTA Bench in the file manager, for a .mender file.')
  }

  /** By the XDG Base Directory Specification. */
  #paths() {
    const { machine } = this.#parts.host
    const home = machine.environment('HOME') ?? ''
    const data = machine.environment('XDG_DATA_HOME') || `${home}/.local/share`
    const config = machine.environment('XDG_CONFIG_HOME') || `${home}/.config`
    return {
      data,
      entry: `${data}/applications/${ENTRY}`,
      mime: `${data}/mime/packages/ota-bench.xml`,
      icon: `${data}/icons/hicolor/scalable/apps/ota-bench.svg`,
      defaults: `${config}/mimeapps.list`,
    }
  }

  /** Has what desktops look things up in made anew. */
  async #refresh(): Promise<string[]> {
    const { data } = this.#paths()
    const all = [
      await this.#run('update-mime-database', [`${data}/mime`]),
      await this.#run('update-desktop-database', [`${data}/applications`]),
    ]
    return all.filter((note) => note !== null)
  }

  /** null when all went well. */
  async #run(name: string, args: readonly string[]): Promise<string | null> {
    const { programs } = this.#parts.host
    if ((await programs.find(name)) === null) return `${name} is not installed: the desktop notices it at the next login.`
    const { exitCode, stderr } = await programs.run(name, args)
    return exitCode === 0 ? null : `${name} has failed: ${stderr.trim().split('\n').at(-1) ?? exitCode}.`
  }
}
