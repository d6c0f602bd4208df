import { mkdirSync } from 'node:fs'
import { expect } from '@playwright/test'
import { tool } from '../src/main/cli/commands/image.cases.ts'
import { inBothThemes } from './axe.ts'
import { test } from './journey.ts'
import { bootScript, makeSingleCard } from './single-cards.ts'

const EXTLINUX = 'default l0\nlabel l0\n  kernel /vmlinuz\n  fdtdir /dtbs\n  append root=UUID=1234 rw rootwait\n'
const SCRIPT =
  'setenv bootargs "root=/dev/mmcblk0p1 rw"\nload mmc 0:1 ${kernel_addr_r} /boot/Image\nbooti ${kernel_addr_r} - ${fdtcontroladdr}\n'
const GRUB = 'search --no-floppy --fs-uuid --set=root 1234\nmenuentry "Linux" {\n  linux /boot/vmlinuz root=UUID=1234 ro\n}\n'

test('cards with one root file system are made A/B, whatever they boot by, and it is said of which that cannot be', async ({
  bench,
}, testInfo) => {
  const { page } = bench
  const folder = testInfo.outputDir
  mkdirSync(folder, { recursive: true })
  const panel = page.getByRole('region', { name: 'Image' })
  const open = async (image: string) => {
    await bench.choose({ open: image }, () => panel.getByRole('button', { name: 'Choose…' }).click())
    await panel.getByRole('button', { name: 'Make it A/B…' }).click()
    return page.getByRole('dialog', { name: /^Make .* an A\/B card$/ })
  }
  await page.keyboard.press('Control+Shift+F')

  // What nobody says on the card is asked for.
  const extlinux = makeSingleCard(folder, 'vendor', {
    table: 'gpt',
    boot: { 'extlinux/extlinux.conf': EXTLINUX, vmlinuz: 'kernel', 'dtbs/board.dtb': 'tree' },
    root: { 'etc/fstab': 'UUID=1234 / ext4 noatime 0 1\n', 'etc/hostname': 'vendor-board\n' },
  })
  const dialog = await open(extlinux)
  await expect(dialog).toContainText('Say the storage')
  await expect(dialog.getByRole('button', { name: 'Convert' })).toBeDisabled()
  await inBothThemes(bench, 'convert-asked')
  await dialog.getByRole('textbox', { name: 'Storage, as the device names it' }).fill('/dev/mmcblk0p')
  await expect(dialog).toContainText('For vendor-board. Its slots boot by extlinux.conf.')
  await expect(dialog).toContainText('Say where the new image goes.')
  await inBothThemes(bench, 'convert-extlinux')
  const output = dialog.getByRole('button', { name: 'Choose: Write the new image to' })
  await bench.choose({ save: testInfo.outputPath('ab.img') }, () => output.click())
  await dialog.getByRole('button', { name: 'Convert' }).click()
  await expect(dialog).toBeHidden()
  await expect(panel).toContainText('ab.img')
  await inBothThemes(bench, 'convert-done')
  expect(tool('/usr/sbin/sfdisk', '--verify', testInfo.outputPath('ab.img'))).toContain('No errors detected')
  await panel.getByRole('button', { name: 'Choose another image' }).click()

  // A packed one, as vendors publish it, is asked the same when a copy of it was unpacked.
  tool('xz', '-0', '-k', extlinux)
  await bench.choose({ open: `${extlinux}.xz` }, () => panel.getByRole('button', { name: 'Choose…' }).click())
  await panel.getByRole('button', { name: 'Look into it' }).click()
  await page.getByRole('button', { name: 'Unpack a copy' }).click()
  await expect(page.getByRole('row', { name: /ext4/ })).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await panel.getByRole('button', { name: 'Make it A/B…' }).click()
  await expect(dialog).toContainText('Say the storage')
  await page.keyboard.press('Escape')
  await panel.getByRole('button', { name: 'Choose another image' }).click()

  const script = makeSingleCard(folder, 'script', {
    table: 'dos',
    root: {
      ...{ 'boot/boot.scr': bootScript(folder, SCRIPT), 'boot/Image': 'kernel' },
      ...{ 'etc/fstab': '/dev/mmcblk0p1 / ext4 defaults 0 1\n', 'etc/hostname': 'script-board\n' },
    },
  })
  await expect(await open(script)).toContainText("For script-board. Its slots boot by a script of U-Boot's.")
  await inBothThemes(bench, 'convert-script')
  await page.keyboard.press('Escape')
  await panel.getByRole('button', { name: 'Choose another image' }).click()

  const grub = makeSingleCard(folder, 'grub', {
    table: 'gpt',
    boot: { 'EFI/debian/grub.cfg': 'search.fs_uuid 1234-5678 root\n', 'EFI/BOOT/BOOTX64.EFI': 'MZ' },
    root: { 'boot/grub/grub.cfg': GRUB, 'etc/fstab': 'UUID=1234 / ext4 defaults 0 1\n', 'etc/hostname': 'pc\n' },
  })
  await expect(await open(grub)).toContainText('For pc. Its slots boot by GRUB.')
  await inBothThemes(bench, 'convert-grub')
  await page.keyboard.press('Escape')
  await panel.getByRole('button', { name: 'Choose another image' }).click()

  const firmware = makeSingleCard(folder, 'firmware', {
    table: 'dos',
    boot: { 'bootcode.bin': 'x', 'start4.elf': 'x', 'cmdline.txt': 'root=/dev/mmcblk0p2', 'config.txt': 'arm_64bit=1\n' },
    root: { 'etc/fstab': '/dev/mmcblk0p2 / ext4 defaults 0 1\n', 'etc/hostname': 'pi\n' },
  })
  await expect(await open(firmware)).toContainText('the firmware of the Raspberry Pi starts the kernel itself')
  await inBothThemes(bench, 'convert-firmware')
})
