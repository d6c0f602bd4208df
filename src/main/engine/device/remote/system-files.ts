import { formatEnvironment } from '../bootloader.ts'
import type { Machine } from '../machine.ts'

/** How the kernel of a virtual device names itself. */
export const KERNEL = { name: 'Linux', release: '0.0-virtual', machine: 'virtual' } as const

/** Partitions as on a card with a boot partition first. */
const ROOT: Readonly<Record<'A' | 'B', string>> = { A: '/dev/mmcblk0p2', B: '/dev/mmcblk0p3' }

/** The files that say what this device is now, by their paths: what a kernel and a client would write themselves. */
export function systemFiles(machine: Machine): ReadonlyMap<string, () => string> {
  const { options, store, runningSlot, environment } = machine
  return new Map([
    ...(isBare(machine) ? [['/etc/os-release', () => `NAME="Virtual OS"\nVERSION_ID="${store.record.artifactName}"\n`] as const] : []),
    ['/etc/hostname', () => `${hostName(machine)}\n`],
    ['/etc/motd', () => `This is a virtual device of OTA Bench: no Linux system, but its files and its update client.\n`],
    ['/etc/mender/artifact_info', () => `artifact_name=${store.record.artifactName}\n`],
    ['/etc/mender/mender.conf', () => `${JSON.stringify({ ServerURL: options.serverUrl() }, null, 2)}\n`],
    ['/var/lib/mender/device_type', () => `device_type=${options.deviceType}\n`],
    ['/proc/cmdline', () => `root=${runningSlot === null ? 'none' : ROOT[runningSlot]} ro console=ttyS0\n`],
    ['/proc/version', () => `${KERNEL.name} version ${KERNEL.release} (OTA Bench)\n`],
    ['/sys/firmware/u-boot-env', () => formatEnvironment(environment.value)],
  ])
}

/** Whether the slot that runs has been empty since the factory: such a board has no image to read files from. */
function isBare({ options: { factory }, store, runningSlot }: Machine): boolean {
  return runningSlot !== null && factory.imagePath === null && store.record.slots[runningSlot].artifactName === factory.artifactName
}

/** The name of the device, as a host name. */
export function hostName({ options }: Machine): string {
  return options.name.replace(/[^A-Za-z0-9-]+/g, '-')
}
