/** The name of the desktop entry, which other files refer to. */
export const ENTRY = 'ota-bench.desktop'
export const ARTIFACT_TYPE = 'application/x-mender-artifact'
export const LINK_TYPE = 'x-scheme-handler/otabench'
const ICON = 'ota-bench'
const IMAGE_TYPE = 'application/x-raw-disk-image'
/** How images are compressed: the ending, and the type of all such files. */
const COMPRESSED = [
  ['gz', 'application/gzip'],
  ['xz', 'application/x-xz'],
  ['zst', 'application/zstd'],
  ['bz2', 'application/x-bzip'],
] as const
const compressedType = (ending: string): string => `${IMAGE_TYPE}-${ending}-compressed`

/** What the app opens as well, and leaves to the programs that are set for it: images, recipes and layouts, work orders. */
const OFFERED = [IMAGE_TYPE, ...COMPRESSED.map(([ending]) => compressedType(ending)), 'application/x-yaml', 'text/csv']

/** An argument as the key Exec has it (Desktop Entry Specification): quoted, what is special escaped, and that once more, as in every text. */
function execArgument(text: string): string {
  const quoted = text.replaceAll(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%')
  return `"${quoted.replaceAll('\\', String.raw`\\`)}"`
}

/** `launch` is the program and its arguments, before those that are opened. */
export function desktopEntry(launch: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.0',
    'Name=OTA Bench',
    'GenericName=Over-the-air updates',
    'Comment=Make, flash and update embedded Linux devices over the air, offline',
    `Exec=${launch.map(execArgument).join(' ')} %U`,
    `Icon=${ICON}`,
    'Terminal=false',
    'Categories=Development;',
    `MimeType=${[ARTIFACT_TYPE, LINK_TYPE, ...OFFERED].join(';')};`,
    '',
  ].join('\n')
}

/** The types of `.mender` files, which are tars and more than that, and of card images (Shared MIME-info 0.21). */
export const mimePackage = (): string => `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${ARTIFACT_TYPE}">
    <comment>Mender artifact</comment>
    <sub-class-of type="application/x-tar"/>
    <glob pattern="*.mender" weight="60"/>
    <icon name="${ICON}"/>
  </mime-type>
${imageType(IMAGE_TYPE, 'Disk image', '', 'application/octet-stream')}
${COMPRESSED.map(([ending, parent]) => imageType(compressedType(ending), `Disk image (${ending})`, `.${ending}`, parent)).join('\n')}
</mime-info>
`

const IMAGE_ENDINGS = ['img', 'wic', 'sdimg']

function imageType(type: string, comment: string, ending: string, parent: string): string {
  const globs = IMAGE_ENDINGS.map((each) => `    <glob pattern="*.${each}${ending}"/>`).join('\n')
  return `  <mime-type type="${type}">
    <comment>${comment}</comment>
    <sub-class-of type="${parent}"/>
${globs}
  </mime-type>`
}

/** mimeapps.list without the entry: other programs stay with the types that they open, and comments where they are. */
export function withoutEntry(list: string): string {
  return list
    .split('\n')
    .flatMap((line) => {
      const at = line.indexOf('=')
      if (at < 0 || line.startsWith('#') || !line.includes(ENTRY)) return [line]
      const others = line
        .slice(at + 1)
        .split(';')
        .filter((each) => each !== '' && each !== ENTRY)
      return others.length === 0 ? [] : [`${line.slice(0, at)}=${others.join(';')};`]
    })
    .join('\n')
}
