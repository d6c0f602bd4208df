import { describe, expect, it } from 'vitest'
import { slotExtlinux, slotGrub, slotScript } from './boot-texts.ts'
import { slotFstab } from './fstab.ts'

describe('what a slot boots by', () => {
  it.each([
    ['append root=UUID=1 ro', 'append root=${mender_kernel_root} ro'],
    ['append ro root=/dev/mmcblk0p2', 'append ro root=${mender_kernel_root}'],
    ['APPEND "root=LABEL=a b" quiet', 'APPEND "root=${mender_kernel_root} b" quiet'],
    ['append rootwait root=PARTUUID=1-02 rootfstype=ext4', 'append rootwait root=${mender_kernel_root} rootfstype=ext4'],
    ['append root=${mender_kernel_root}', 'append root=${mender_kernel_root}'],
  ])('leaves root= in %j to the boot loader', (before, after) => {
    expect(slotExtlinux(before, 'x', '')).toBe(after)
  })

  it('finds files in /boot that lay in the boot partition, and leaves relative paths', () => {
    const text = 'label a\n\tLINUX /vmlinuz\n  initrd ../initrd\n  fdtoverlays /a.dtbo /b.dtbo\n  fdtdir /boot/dtbs\n  append root=x'
    expect(slotExtlinux(text, 'x', '/boot')).toBe(
      'label a\n\tLINUX /boot/vmlinuz\n  initrd ../initrd\n  fdtoverlays /boot/a.dtbo /boot/b.dtbo\n  fdtdir /boot/dtbs\n  append root=${mender_kernel_root}',
    )
  })

  it('leaves partitions in scripts to the one that calls them, and refuses files that cannot be moved', () => {
    expect(slotScript('load mmc ${devnum}:1 $a f; ext4load usb 0:2 $b g; setenv a root=x', 'x', false)).toBe(
      'load mmc ${devnum}:${distro_bootpart} $a f; ext4load usb 0:${distro_bootpart} $b g; setenv a root=${mender_kernel_root}',
    )
    expect(() => slotScript('load mmc 0:1 $a Image; setenv a root=x', '/boot.scr', true)).toThrow('loads its files without ${prefix}')
    expect(() => slotScript('load mmc 0:1 $a ${prefix}Image', '/boot.scr', true)).toThrow('says no root=')
  })

  it('leaves the search for its partition out of grub.cfg, and nothing else', () => {
    const text =
      'set root=hd0,gpt2\nif [ x ]; then\n  search --no-floppy --fs-uuid --set=root --hint-efi=hd0 1\nelse\n  search --set root --label a\nfi\n\tlinux\t/v root=UUID=1 ro\nlinuxefi /v root=UUID=1\nset x=root=1\n'
    expect(slotGrub(text, 'x')).toBe(
      'set root=$mender_root\nif [ x ]; then\n  set root=$mender_root\nelse\n  set root=$mender_root\nfi\n\tlinux\t/v root=${mender_kernel_root} ro\nlinuxefi /v root=${mender_kernel_root}\nset x=root=1\n',
    )
    expect(() => slotGrub('linux /v\n', 'x')).toThrow('starts no kernel with root=')
  })
})

describe('the fstab of a slot', () => {
  const mounts = { boot: { device: 'PARTUUID=b', at: '/uboot' }, data: { device: 'PARTUUID=d', grows: false } }

  it('names root, boot and data anew, keeps what is no disk, and tells what is left out', () => {
    const before =
      '# static\nLABEL=root / ext4 noatime 0 1\nUUID=1 /boot/firmware vfat ro 0 2\nUUID=2 none swap sw 0 0\n/dev/sda5 /home ext4 defaults\ntmpfs /tmp tmpfs\nserver:/x /nfs nfs ro\n/dev/sda6 /data ext4 ro 0 0\n'
    expect(slotFstab(before, mounts)).toEqual({
      text: '/dev/root / ext4 noatime 0 1\nPARTUUID=b /uboot vfat ro 0 2\nPARTUUID=d /data ext4 defaults 0 2\n# static\ntmpfs /tmp tmpfs\nserver:/x /nfs nfs ro\n',
      left: ['UUID=2 none swap sw 0 0', '/dev/sda5 /home ext4 defaults'],
    })
  })

  it('is made where there is none', () => {
    expect(slotFstab('', mounts).text).toBe(
      '/dev/root / auto defaults 0 1\nPARTUUID=b /uboot auto defaults,sync 0 0\nPARTUUID=d /data ext4 defaults 0 2\n',
    )
  })
})
