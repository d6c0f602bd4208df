import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inMemory } from '../image/image-bytes.ts'
import { busOf, isDriveName, portOf, udevProperties, udevText } from './linux-names.ts'
import { mountOf, parseMounts, parseSwaps } from './mounts.ts'
import { signatureOf } from './signatures.ts'

/** As the kernel writes a path into mountinfo and swaps. */
const escaped = (path: string) => path.replaceAll(/[ \t\n\\]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`)
const path = fc.string({ unit: 'grapheme-ascii' }).map((text) => `/${text}`)

describe('what the kernel says of mounts', () => {
  it('gives back any path, whatever stands in it', () => {
    fc.assert(
      fc.property(path, path, (target, source) => {
        const line = `36 35 98:0 / ${escaped(target)} rw,noatime master:1 shared:2 - ext4 ${escaped(source)} rw,errors=continue`
        expect(parseMounts(line)).toEqual([{ numbers: '98:0', root: '/', target, fileSystem: 'ext4', source }])
        expect(parseSwaps(`Filename\tType\n${escaped(target)} file 1 0 -2`)).toEqual([target])
      }),
    )
  })

  it('never fails on anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = [
          parseMounts(text),
          parseSwaps(text),
          udevProperties(text),
          udevText(text),
          busOf(text),
          portOf(text),
          isDriveName(text),
        ]
        expect(read).toHaveLength(7)
      }),
    )
  })

  it('a path lies in the innermost mount around it, and of several at one place in the last', () => {
    const mounts = parseMounts(
      [
        ...['1 1 8:1 / / rw - ext4 /dev/sda1 rw', '2 1 8:2 / /home rw - ext4 /dev/sda2 rw', '3 2 8:3 / /home rw - ext4 /dev/sda3 rw'],
        '4 1 8:4 / /home2 rw - ext4 /dev/sda4 rw',
      ].join('\n'),
    )
    expect(['/home/me', '/home', '/home2/me', '/homes', '/'].map((each) => mountOf(each, mounts)?.numbers)).toEqual([
      ...['8:3', '8:3', '8:4', '8:1', '8:1'],
    ])
  })
})

it('udev’s texts are read byte by byte, as UTF-8', () => {
  expect([udevText(String.raw`a\x20b`), udevText(String.raw`Gr\xc3\xbc\xc3\x9fe`), udevText('plain')]).toEqual(['a b', 'Grüße', 'plain'])
})

it.each([
  [
    '/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.4/2-1.4:1.0/host6/target6:0:0/6:0:0:1/block/sdb',
    'usb',
    'pci-0000:00:14.0-usb-0:1.4:1.0-scsi-0:0:0:1',
  ],
  ['/sys/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/sda', 'ata', 'pci-0000:00:17.0-ata-3'],
  ['/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1', 'nvme', 'pci-0000:03:00.0-nvme-1'],
  ['/sys/devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0', 'mmc', 'platform-fe340000.mmc'],
  ['/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda', 'virtio', 'pci-0000:00:02.0'],
  ['/sys/devices/virtual/block/loop0', 'loop', ''],
])('a place in /sys says the bus and the port: %s', (place, bus, port) => {
  expect([busOf(place), portOf(place)]).toEqual([bus, port])
})

it('a volume of any bytes, however short, has a signature or none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
      expect(typeof (await signatureOf(inMemory(bytes), bytes.length))).toBe('string')
    }),
  )
})
