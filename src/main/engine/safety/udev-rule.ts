import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'

/** Where a rule of udev's is put; before 73-seat-late.rules, which gives devices to who sits there. */
export const RULE_FILE = '/etc/udev/rules.d/70-otabench-reader.rules'

/**
 * A rule of udev's that lets people write what is plugged into one reader, in one port, and nothing else: `group` or, where there is none, who
 * sits at the machine. BAD_INPUT for a drive that is not plugged in, and for a port that is not known.
 */
export function udevRule({ identity, name, isRemovable, bus }: Drive, group: string | null): string {
  const { port, path } = identity
  if (!isRemovable && bus !== 'usb')
    throw new AppError(
      'BAD_INPUT',
      `${name} is built in: no rule is made for it`,
      'Name a card reader or a stick; otabench drives list shows them.',
    )
  if (!/^[\w.:+-]+$/.test(port)) throw new AppError('BAD_INPUT', `The port that ${path} is in is not known`, 'Run it where udev runs.')
  if (group !== null && !/^[a-z_][\w-]*$/i.test(group))
    throw new AppError('BAD_INPUT', `${JSON.stringify(group)} is no name of a group`, 'For example: --group disk')
  const who = group === null ? 'TAG+="uaccess"' : `GROUP="${group}", MODE="0660"`
  return [
    `# OTA Bench: ${group === null ? 'who sits at this machine' : `the group ${group}`} may write what is plugged in here (now: ${name.replaceAll(/[^ -~]/g, '?')}), and nothing else.`,
    `SUBSYSTEM=="block", ENV{ID_PATH}=="${port}", ${who}`,
    '',
  ].join('\n')
}
