/** What stands on a label: a QR code with the serial number, the number itself, and a few lines. */
export interface LabelText {
  serial: string
  lines: readonly string[]
}

export const LABEL_MM = { width: 60, height: 30 }

/** What of a unit goes on its label. */
export function labelText({ serial, identity }: { serial: string; identity: Readonly<Record<string, string>> }): LabelText {
  const others = Object.entries(identity).filter(([, value]) => value !== serial)
  return { serial, lines: others.map(([name, value]) => `${name} ${value}`) }
}
