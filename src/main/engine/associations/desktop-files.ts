/** The name of the desktop entry, which other files refer to. */
export const ENTRY = 'ota-bench.desktop'
export const ARTIFACT_TYPE = 'application/x-mender-artifact'
export const LINK_TYPE = 'x-scheme-handler/otabench'
const ICON = 'ota-bench'

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
    `MimeType=${ARTIFACT_TYPE};${LINK_TYPE};`,
    '',
  ].join('\n')
}

/** The type of `.mender` files (Shared MIME-info 0.21): they are tars, and more than that. */
export const mimePackage = (): string => `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${ARTIFACT_TYPE}">
    <comment>Mender artifact</comment>
    <sub-class-of type="application/x-tar"/>
    <glob pattern="*.mender" weight="60"/>
    <icon name="${ICON}"/>
  </mime-type>
</mime-info>
`

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
