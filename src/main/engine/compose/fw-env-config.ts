import type { EnvironmentPlace } from '../image/uboot-script.ts'

/** What tells fw_printenv and fw_setenv where U-Boot's environment is. */
export const FW_ENV_CONFIG = '/etc/fw_env.config'

/** Of a partition as Linux names it. */
const DISK = /\/dev\/(mmcblk\d+|nvme\d+n\d+|[shv]d[a-z]+)(?=p?\d)/

/** The first disk a partition of which is named, as `/dev/mmcblk0`; null where none is. `storage` goes before the texts. */
export function diskNamed(storage: string | undefined, ...texts: readonly string[]): string | null {
  const [disk] = DISK.exec(storage === undefined ? texts.join('\n') : `${storage}1`) ?? []
  return disk ?? null
}

/** A line for each copy of the environment. */
export function fwEnvConfig(disk: string, copies: readonly EnvironmentPlace[]): string {
  return copies.map(({ at, size }) => `${disk} 0x${at.toString(16)} 0x${size.toString(16)}\n`).join('')
}
