import { TRANSLATED_MIB } from './room.ts'

/** What a board is made of. */
export interface Hardware {
  cardPath: string
  /** The boot loader in its flash, for -bios. */
  ubootPath: string
  memoryMiB: number
  mac: string
  /** TCP port of 127.0.0.1 that leads to the board's own port 22. */
  sshPort: number
}

export const QEMU = 'qemu-system-aarch64'

/** File descriptors of the sockets that the process gets. */
const [SERIAL_FD, MONITOR_FD] = [3, 4]

/**
 * The command line of a board: a serial console on one socket, QMP on another. It ends at a reset instead of starting anew, because
 * the emulator's translations of the code before make a warm start twice as slow as a new process. The card is written without waiting
 * for the disk: a power cut of the board is the end of a process, and what a process has written outlives it. A full disk of this machine
 * is an error that the board's own system sees: QEMU would halt the board for it, and nobody sets it going again.
 */
export function qemuArguments({ cardPath, ubootPath, memoryMiB, mac, sshPort }: Hardware): string[] {
  const file = { driver: 'file', filename: cardPath, cache: { 'no-flush': true } }
  return [
    ...['-machine', 'virt', '-cpu', 'cortex-a53', '-accel', `tcg,tb-size=${TRANSLATED_MIB}`, '-smp', '1', '-m', String(memoryMiB)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-rtc', 'base=utc', '-bios', ubootPath],
    ...['-blockdev', JSON.stringify({ driver: 'raw', 'node-name': 'card', cache: { 'no-flush': true }, file })],
    ...['-device', 'virtio-blk-pci,drive=card,bootindex=0,werror=report'],
    ...['-netdev', `user,id=network,hostfwd=tcp:127.0.0.1:${sshPort}-:22`],
    ...['-device', `virtio-net-pci,netdev=network,romfile=,mac=${mac}`, '-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=serial,fd=${SERIAL_FD}`, '-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=monitor,fd=${MONITOR_FD}`, '-mon', 'chardev=monitor,mode=control'],
  ]
}
