/** Where on the card the environment is, in bytes; whole sectors. */
export interface EnvironmentPlace {
  at: number
  size: number
}

export interface SlotRoots {
  /** `PARTUUID=…` of each slot. */
  a: string
  b: string
}

const SECTOR_BYTES = 512
const hex = (value: number): string => `0x${value.toString(16)}`
const KEPT = 'mender_boot_part mender_boot_part_hex upgrade_available bootcount bootlimit'

/**
 * The script of the boot partition, for any U-Boot that runs boot.scr: reads Mender's variables from the card, counts the starts of an
 * update that is tried, goes back to the other slot when there were too many or nothing boots, and boots the slot by `boot`.
 */
export function masterScript({ at, size }: EnvironmentPlace, { a, b }: SlotRoots, boot: readonly string[]): string {
  const sectors = `${hex(at / SECTOR_BYTES)} ${hex(size / SECTOR_BYTES)}`
  return [
    '# Chooses between the root file systems on partitions 2 and 3. Made by OTA Bench.',
    'if test -z "${devtype}"; then setenv devtype mmc; fi',
    'if test -z "${devnum}"; then setenv devnum 0; fi',
    'if test -n "${ramdisk_addr_r}"; then setenv mender_addr ${ramdisk_addr_r}; else setenv mender_addr ${loadaddr}; fi',
    `setenv mender_save 'env export -c -s ${hex(size)} \${mender_addr} ${KEPT}; \${devtype} write \${mender_addr} ${sectors}'`,
    "setenv mender_flip 'if test ${mender_boot_part} = 2; then setenv mender_boot_part 3; else setenv mender_boot_part 2; fi; setenv mender_boot_part_hex ${mender_boot_part}; setenv upgrade_available 0; setenv bootcount 0; run mender_save'",
    '${devtype} dev ${devnum}',
    `\${devtype} read \${mender_addr} ${sectors}`,
    `if env import -c \${mender_addr} ${hex(size)} ${KEPT}; then true; else`,
    '  echo Mender: the environment is damaged, slot A is booted',
    '  setenv mender_boot_part 2; setenv mender_boot_part_hex 2; setenv upgrade_available 0; setenv bootcount 0; setenv bootlimit 1',
    '  run mender_save',
    'fi',
    'if test "${upgrade_available}" = 1; then',
    '  if test "${bootcount}" = 0; then setenv bootcount 1; run mender_save; else',
    '    echo Mender: the update did not start, going back',
    '    run mender_flip',
    '  fi',
    'fi',
    `setenv mender_boot 'if test \${mender_boot_part} = 3; then setenv mender_kernel_root ${b}; else setenv mender_kernel_root ${a}; fi; ${boot.join('; ')}'`,
    'run mender_boot',
    'echo Mender: slot ${mender_boot_part} does not boot',
    'if test "${upgrade_available}" = 1; then run mender_flip; run mender_boot; fi',
    'sleep 5',
    'reset',
    '',
  ].join('\n')
}

const PLACE = '${devtype} ${devnum}:${mender_boot_part_hex}'

/** Boots by the extlinux.conf of the slot. */
export function extlinuxBoot(path: string): string[] {
  return [
    'if test -n "${pxefile_addr_r}"; then setenv mender_conf_addr ${pxefile_addr_r}; else setenv mender_conf_addr ${scriptaddr}; fi',
    `sysboot ${PLACE} any \${mender_conf_addr} ${path}`,
  ]
}

/** Boots by the boot script of the slot, which finds what U-Boot would have told it of its partition. */
export function scriptBoot(path: string): string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return [
    'setenv distro_bootpart ${mender_boot_part_hex}',
    `setenv prefix ${folder}`,
    `load ${PLACE} \${scriptaddr} ${path}`,
    'source ${scriptaddr}',
  ]
}
