import { z } from 'zod'
import { live, nothing } from './operations.ts'

/** A serial port of the engine's machine. */
export const serialPort = z.object({
  /** `/dev/ttyUSB0` */
  path: z.string(),
  /** Of the kernel: `ftdi_sio`. */
  driver: z.string(),
  /** null for one that is built in. Texts are empty where the adapter does not say them. */
  usb: z
    .object({
      vendorId: z.string(),
      productId: z.string(),
      manufacturer: z.string(),
      product: z.string(),
      serialNumber: z.string(),
      /** Bus and socket: `1-2.4`. */
      place: z.string(),
    })
    .nullable(),
  /** Programs that have it open: `minicom (1234)`. */
  heldBy: z.array(z.string()),
})
export type SerialPortFacts = z.infer<typeof serialPort>

export const lineSettings = z.object({
  baudRate: z.int().min(50).max(4_000_000).default(115_200),
  dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  flow: z.enum(['none', 'hardware', 'software']).default('none'),
})
export type LineSettings = z.infer<typeof lineSettings>

/** In the order in which consoles use them. */
export const BAUD_RATES = [115_200, 57_600, 9600, 38_400, 19_200, 230_400, 460_800, 921_600, 1_500_000, 1_000_000, 2400, 4800] as const

export const serial = {
  /** Again when one comes or goes. */
  ports: live(nothing, z.array(serialPort)),
}
