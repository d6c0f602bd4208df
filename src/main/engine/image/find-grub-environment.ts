import type { FileSystem } from './file-system.ts'
import { linuxText } from './image-bytes.ts'
import { smallFile } from './small-file.ts'

/** Variables that GRUB keeps in a file, and the path of that file. */
export interface GrubEnvironment {
  path: string
  variables: Record<string, string>
}

/** Where grub-mender-grubenv keeps its two copies, each with a lock beside it. */
const MENDER_FOLDERS = ['/grub-mender-grubenv', '/EFI/BOOT', '']
const PLAIN_FILES = ['/grubenv', '/grub/grubenv', '/EFI/BOOT/grubenv', '/boot/grub/grubenv']

/** GRUB's environment with Mender's variables in a boot partition; null where there is none. */
export async function findGrubEnvironment(files: FileSystem): Promise<GrubEnvironment | null> {
  for (const folder of MENDER_FOLDERS) {
    const copies = [`${folder}/mender_grubenv1`, `${folder}/mender_grubenv2`]
    for (const copy of copies) {
      // While one is written its lock says so, and GRUB takes the other.
      if ((await variablesOf(files, `${copy}/lock`))?.['editing'] === '1') continue
      const variables = await variablesOf(files, `${copy}/env`)
      if (variables) return { path: `${copy}/env`, variables }
    }
  }
  for (const path of PLAIN_FILES) {
    const variables = await variablesOf(files, path)
    if (variables?.['mender_boot_part'] !== undefined) return { path, variables }
  }
  return null
}

const SIGNATURE = '# GRUB Environment Block\n'

/** Of an environment block: `name=value` lines, a backslash before a backslash or a line's end, padded with #. */
async function variablesOf(files: FileSystem, path: string): Promise<Record<string, string> | null> {
  const bytes = await smallFile(files, path)
  const text = bytes ? linuxText(bytes) : ''
  if (!text.startsWith(SIGNATURE)) return null
  const lines = text.slice(SIGNATURE.length).matchAll(/^([^#\n=][^\n=]*)=((?:\\[^]|[^\n\\])*)\n/gm)
  return Object.fromEntries(Array.from(lines, ([, name = '', value = '']) => [name, value.replaceAll(/\\([^])/g, '$1')]))
}
