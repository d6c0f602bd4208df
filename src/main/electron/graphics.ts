/** Where Linux shows what can draw: graphics cards, Nvidia's own driver, and what Windows lends its Linux. */
const LINUX_DEVICES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg']

/** Whether something may be there that draws faster than the processor. Looking for it in vain costs each start a tenth of a second. */
export function mayHaveGraphicsCard(platform: NodeJS.Platform, exists: (path: string) => boolean): boolean {
  return platform !== 'linux' || LINUX_DEVICES.some(exists)
}
