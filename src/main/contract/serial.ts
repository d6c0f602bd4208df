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

export const serial = {
  /** Again when one comes or goes. */
  ports: live(nothing, z.array(serialPort)),
}
