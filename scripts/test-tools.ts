// The programs of other people that the tests hold ours against, and the screen that the journeys need: Debian packages.
import { capture } from './program.ts'

/** Each package with what it is for. */
const needed: Record<string, string> = {
  'mender-client': 'the real client, updated by our server',
  'mender-connect': 'its companion',
  'mender-cli': 'logs in, uploads, lists',
  asciinema: 'plays what we record of terminals',
  'mender-artifact': 'reads what we write, writes what we read',
  chromium: 'the page without Electron',
  xvfb: 'a screen for the journeys',
  xauth: 'which xvfb-run asks for',
  e2fsprogs: 'real file systems',
  fdisk: 'real partition tables',
  gdisk: 'a second opinion on them',
  dosfstools: 'real FAT file systems',
  mtools: 'a second opinion on them',
  'bmap-tools': 'copies images by our block maps, makes maps that we read',
  'u-boot-tools': 'real environments of U-Boot',
  'libubootenv-tool': 'writes into them as a device does',
  'grub-common': 'real environments of GRUB',
  attr: 'extended attributes of real files',
  'qemu-system-arm': 'a board',
  'u-boot-qemu': 'its boot loader',
  'qemu-system-x86': 'a machine with UEFI',
  ovmf: 'its firmware',
  'grub-efi-amd64-bin': 'its boot loader',
  'desktop-file-utils': 'a second opinion on desktop entries',
  'xdg-utils': 'says what a desktop opens files with',
  'shared-mime-info': 'the types of files',
  'libglib2.0-bin': 'tells the type of a file, as desktops do',
  shellcheck: 'a second opinion on what runs on devices',
  xdelta3: 'what our deltas are held against',
  zstd: 'a second opinion on what we compress',
  'xz-utils': 'the same',
  bzip2: 'unpacks images, and packs those of the tests',
  zip: 'packs them',
  gnupg: 'signs them, and checks signatures',
  openssl: 'a second opinion on signatures and certificates',
  'openssh-server': 'a device to take a snapshot of',
  'nginx-light': 'what stands in front of a server',
  curl: 'asks it',
  systemd: 'reads the unit that is shipped',
  softhsm2: 'a PKCS#11 token',
  'libengine-pkcs11-openssl': 'openssl signs with a token',
  rpm: 'real RPM packages',
  'busybox-static': "a small device's tar",
  iproute2: 'network namespaces',
  'util-linux': 'mount namespaces for the real client',
  udev: 'says when drives come and go',
  lvm2: 'real volume groups',
  'cryptsetup-bin': 'real encrypted volumes',
  sudo: 'starts the writer of card images',
  pkexec: 'starts it as well, by the policy that is shipped',
  udisks2: 'opens drives for a writer without rights',
  polkitd: 'which it asks whether it may',
  libsystemd0: 'which asks it',
  socat: 'a serial line with a console at its end',
  'avahi-daemon': 'a board that tells of itself by multicast DNS',
  'dpkg-repack': 'the package of the Mender client, for a board that has none',
  dbus: 'which the real client talks over',
  'gnome-keyring': 'a keychain that seals private keys',
  'zbar-tools': 'a camera for QR codes',
  'poppler-utils': 'draws the labels that it looks at',
  'dbus-daemon': 'the session that it is reached over',
  'libgtk-3-0': 'Electron',
  libnss3: 'Electron',
  libasound2: 'Electron',
  libgbm1: 'Electron',
}

/** The packages that dpkg-query's lines ("name\tstatus") do not show as installed. */
export function absent(wanted: readonly string[], dpkgLines: string): string[] {
  const installed = dpkgLines.split('\n').flatMap((line) => {
    const [name = '', status = ''] = line.split('\t')
    return status.endsWith(' installed') ? [name] : []
  })
  return wanted.filter((name) => !installed.includes(name))
}

async function stillAbsent(): Promise<string[]> {
  const wanted = Object.keys(needed)
  // for a package dpkg has never heard of it complains and ends with 1, and shows the others all the same
  const { output } = await capture('dpkg-query', ['-W', '-f=${Package}\t${Status}\n', ...wanted])
  return absent(wanted, output)
}

/** Installs what is absent when we are root. Answers what a person has to do, or null when everything is there. */
export async function provideTools(): Promise<string | null> {
  if (process.platform !== 'linux') return 'The tests run on Debian: they hold the bench against tools that are packaged there.'
  const missing = await stillAbsent()
  if (missing.length === 0) return null
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0) return `The tests need these packages, ${missing.join(', ')}. Install them with:\n  sudo ${command}`
  console.error(`Installing what the tests need (${missing.join(' ')})…`)
  const output = await install(missing)
  const left = await stillAbsent()
  return left.length === 0
    ? null
    : `${output}\napt-get could not install ${left.join(', ')}. Try it by hand:\n  apt-get update && ${command}`
}

/** Answers apt-get's last lines. No service is started: the tests start what they need themselves. */
async function install(packages: readonly string[]): Promise<string> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await capture('apt-get', ['update', '-qq'], { env })
  const { output } = await capture('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  return output.trim().split('\n').slice(-15).join('\n')
}
