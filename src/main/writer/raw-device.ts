const MACOS_DISK = /^\/dev\/r?(disk\d+)$/
const WINDOWS_DISK = /^\\\\\.\\PhysicalDrive\d+$/i

/**
 * What is opened for a whole disk on macOS and Windows: there the system keeps no cache of it, and reads and writes go to the medium. null for
 * anything else, and on Linux, which has O_DIRECT.
 */
export function rawDevice(path: string, platform: NodeJS.Platform = process.platform): string | null {
  const disk = MACOS_DISK.exec(path)?.[1]
  if (platform === 'darwin' && disk !== undefined) return `/dev/r${disk}`
  return platform === 'win32' && WINDOWS_DISK.test(path) ? path : null
}
