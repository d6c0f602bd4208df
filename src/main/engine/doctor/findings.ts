import type { Finding } from '../../contract/doctor.ts'
import type { Drive } from '../../contract/drives.ts'
import type { Failure } from '../../contract/errors.ts'

/** What was looked at on a machine. */
export interface Examined {
  platform: 'linux' | 'macos' | 'windows' | 'other'
  nodeVersion: string
  isRoot: boolean
  /** Names of the groups that the user is in. */
  groups: readonly string[]
  /** Of those in PROGRAMS that are installed, and of the other ones that are asked for by name. */
  programs: ReadonlySet<string>
  dataFolder: string
  freeBytes: number
  drives: readonly Drive[]
  /** Why they cannot be listed; null when they are. */
  unlisted: Failure | null
  /** The writer, installed where only root can change it. */
  hasHelper: boolean
  /** Why udisks cannot be asked to open drives; null when it can. */
  udisksProblem: string | null
  hasUdev: boolean
  /** Whether the kernel counts media, so that a swapped card is noticed. */
  hasDiskSequence: boolean
  serialPorts: readonly { path: string; isOpen: boolean }[]
  /** Where the server listens; empty when it does not. */
  urls: readonly string[]
  /** Of the server's usual TCP ports, those that somebody else has. */
  takenPorts: readonly number[]
  /** Whether the system lets programs make sandboxes. */
  hasSandbox: boolean
}

/** Everything that the machine needs, in the order in which it matters. */
export function findingsOf(examined: Examined): Finding[] {
  const common = [node(examined), diskSpace(examined), serverPorts(examined)]
  if (examined.platform !== 'linux') return [...common, drivesElsewhere(examined), ...tools(examined)]
  return [
    ...common,
    ...[driveAccess(examined), udisks(examined), unmounting(examined), udev(examined), diskSequence(examined), locking(examined)],
    ...[serialAccess(examined), sandbox(examined), ...tools(examined)],
  ]
}

/** The programs that parts of the bench ask for: what is missing without one, and its package on Debian. */
const TOOLS: readonly { name: string; isNeeded: boolean; title: string; without: string; packageName: string }[] = [
  {
    ...{ name: 'ssh', isNeeded: true, title: 'Reaching devices over SSH', packageName: 'openssh-client' },
    without: 'No snapshots of running devices are taken.',
  },
  {
    ...{ name: 'openssl', isNeeded: false, title: 'Signing with a token', packageName: 'openssl' },
    without: 'Keys on PKCS#11 tokens cannot sign; keys in files can.',
  },
  {
    ...{ name: 'gpg', isNeeded: false, title: 'Signatures beside images', packageName: 'gpg' },
    without: 'The .sig and .asc beside an image are not checked.',
  },
  {
    ...{ name: 'xz', isNeeded: false, title: 'Images in xz', packageName: 'xz-utils' },
    without: 'They are unpacked on one core instead of all.',
  },
  {
    ...{ name: 'qemu-system-aarch64', isNeeded: false, title: 'Virtual boards', packageName: 'qemu-system-arm' },
    without: 'No virtual board runs.',
  },
  {
    ...{ name: 'socat', isNeeded: false, title: 'Consoles of virtual boards as serial ports', packageName: 'socat' },
    without: 'Other programs cannot open them; otabench board console can.',
  },
  { ...{ name: 'bzip2', isNeeded: false, title: 'Images in bz2', packageName: 'bzip2' }, without: 'They cannot be unpacked.' },
]

/** The programs to look for. */
export const PROGRAMS: readonly string[] = [...TOOLS.map(({ name }) => name), 'flock', 'sudo', 'udisksctl', 'pkexec']

function good(id: string, title: string, text: string): Finding {
  return { id, title, state: 'good', text, remedy: '' }
}

function tools({ programs }: Examined): Finding[] {
  return TOOLS.map(({ name, isNeeded, title, without, packageName }) => {
    const id = `tool.${name}`
    if (programs.has(name)) return good(id, title, `${name} is installed.`)
    const state = isNeeded ? 'lacks' : 'partly'
    return { id, title, state, text: `${name} is not installed. ${without}`, remedy: `sudo apt-get install ${packageName}` }
  })
}

const OLDEST_NODE = [24, 15] as const

function node({ nodeVersion }: Examined): Finding {
  const [id, title] = ['node', 'Node.js']
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isFit = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  if (isFit) return good(id, title, `It runs on Node.js ${nodeVersion}.`)
  const text = `It runs on Node.js ${nodeVersion}, which is older than ${OLDEST_NODE.join('.')}.`
  return { id, title, state: 'lacks', text, remedy: 'Start it with ./run, which brings its own.' }
}

const [FULL_BYTES, SCARCE_BYTES] = [1e9, 8e9]

function diskSpace({ dataFolder, freeBytes }: Examined): Finding {
  const [id, title] = ['disk-space', 'Room on the disk']
  const text = `${(freeBytes / 1e9).toFixed(1)} GB are free where ${dataFolder} lies.`
  if (freeBytes >= SCARCE_BYTES) return good(id, title, text)
  const remedy = 'Free some space, or put the data folder on another disk with --data.'
  return { id, title, state: freeBytes < FULL_BYTES ? 'lacks' : 'partly', text, remedy }
}

function serverPorts({ urls, takenPorts }: Examined): Finding {
  const [id, title] = ['server.ports', 'TCP ports of the server']
  if (urls.length > 0) return good(id, title, `It listens on ${urls.join(', ')}.`)
  if (takenPorts.length === 0) return good(id, title, 'The usual ones are free.')
  const text = `Another program listens on ${takenPorts.join(' and ')}.`
  return { id, title, state: 'partly', text, remedy: 'Stop it, or choose others: otabench serve --http 0.0.0.0:8081' }
}

const FOR_THE_APP = 'For the app, with a password: sudo otabench drives install-writer.'
const FOR_A_READER = 'For one reader, without a password: otabench drives rule DRIVE.'

function driveAccess({ isRoot, drives, hasHelper, udisksProblem, programs }: Examined): Finding {
  const [id, title] = ['drives.access', 'Writing to cards']
  if (isRoot) return good(id, title, 'You are root: every drive can be opened, and those that the system needs are still refused.')
  const cards = drives.filter(({ isRemovable, virtual }) => isRemovable && !virtual)
  const [open, closed] = [true, false]
    .map((isOpen) => cards.filter(({ access }) => (access === 'open') === isOpen).map(({ name }) => name))
    .map((names) => names.join(', '))
  if (open && !(closed && udisksProblem === null)) return good(id, title, `You may write ${open}.`)
  if (open) return good(id, title, `You may write ${open}; ${closed} is written by way of udisks.`)
  if (udisksProblem === null) return good(id, title, 'Cards are written by way of udisks, which is asked first.')
  if (hasHelper && programs.has('pkexec'))
    return good(id, title, 'The writer is installed: the desktop asks for a password when a card is written.')
  const remedy = `${FOR_A_READER} ${FOR_THE_APP}`
  if (programs.has('sudo'))
    return { id, title, state: 'partly', text: 'Only otabench flash can write them, which asks for a password by sudo.', remedy }
  return { id, title, state: 'lacks', text: 'You may not write drives, and nothing here can ask for a password.', remedy }
}

/** The way by which nothing of ours has more rights than its user. */
function udisks({ isRoot, udisksProblem }: Examined): Finding {
  const [id, title] = ['drives.udisks', 'Opening cards by udisks']
  if (isRoot) return good(id, title, 'You are root.')
  if (udisksProblem === null)
    return good(id, title, 'It opens them for a writer without rights; polkit decides whether a password is asked for.')
  const remedy = 'sudo apt-get install udisks2 libsystemd0, and see: systemctl status udisks2'
  return { id, title, state: 'partly', text: `It opens none: ${udisksProblem}. Other ways are taken.`, remedy }
}

/** On macOS and Windows. */
function drivesElsewhere({ unlisted, drives, platform }: Examined): Finding {
  const [id, title] = ['drives.access', 'Writing to cards']
  if (unlisted !== null) return { id, title, state: 'lacks', text: `${unlisted.message}.`, remedy: unlisted.hint }
  const closed = drives.filter(({ virtual, verdict, access }) => !virtual && verdict.kind !== 'refused' && access === 'none')
  if (closed.length === 0) return good(id, title, 'No drive is closed to you.')
  const remedy =
    platform === 'windows'
      ? 'Start it in a terminal that you have opened with “Run as administrator”.'
      : 'Flash from a terminal, where sudo asks for your password.'
  return { id, title, state: 'partly', text: `You may not write ${closed.map(({ name }) => name).join(', ')}.`, remedy }
}

function unmounting({ isRoot, programs }: Examined): Finding {
  const [id, title] = ['drives.unmount', 'Unmounting cards']
  if (isRoot) return good(id, title, 'You are root.')
  if (programs.has('udisksctl')) return good(id, title, 'udisks unmounts what the desktop has mounted.')
  const text = 'udisks is not installed: what is mounted of a card has to be unmounted by hand.'
  return { id, title, state: 'partly', text, remedy: 'sudo apt-get install udisks2' }
}

function udev({ hasUdev }: Examined): Finding {
  const [id, title] = ['drives.udev', 'Noticing drives']
  if (hasUdev) return good(id, title, 'udev says at once what is plugged in.')
  const text = 'udev does not run here: it is looked every second, and what is on a drive is known only where it may be read.'
  return { id, title, state: 'partly', text, remedy: 'Outside of a container it runs. In one: docker run -v /run/udev:/run/udev:ro …' }
}

function diskSequence({ hasDiskSequence }: Examined): Finding {
  const [id, title] = ['drives.media', 'Noticing that a card was swapped']
  if (hasDiskSequence) return good(id, title, 'The kernel counts the media.')
  const text = 'The kernel does not count media: a card of the same size in the same reader is taken for the one that was chosen.'
  return { id, title, state: 'partly', text, remedy: 'Use Linux 5.15 or later.' }
}

function locking({ programs }: Examined): Finding {
  const [id, title] = ['drives.lock', 'Keeping others off a card']
  if (programs.has('flock')) return good(id, title, 'A card is locked while it is written.')
  const text = 'flock is not installed: drives cannot be locked, and are not written.'
  return { id, title, state: 'lacks', text, remedy: 'sudo apt-get install util-linux' }
}

/** Which group has the serial ports: the first of them that there is. */
const SERIAL_GROUPS = ['dialout', 'uucp']

function serialAccess({ isRoot, groups, serialPorts }: Examined): Finding {
  const [id, title] = ['serial.access', 'Serial ports']
  const closed = serialPorts.filter(({ isOpen }) => !isOpen).map(({ path }) => path)
  const isMember = isRoot || SERIAL_GROUPS.some((group) => groups.includes(group))
  const remedy = 'sudo usermod --append --groups dialout "$USER", then log in again.'
  if (closed.length > 0) return { id, title, state: 'lacks', text: `You may not open ${closed.join(', ')}.`, remedy }
  if (serialPorts.length > 0) return good(id, title, `You may open ${serialPorts.map(({ path }) => path).join(', ')}.`)
  if (isMember) return good(id, title, 'You may open them; none is plugged in.')
  return { id, title, state: 'partly', text: 'None is plugged in, and you are not in the group that may open them.', remedy }
}

function sandbox({ isRoot, hasSandbox }: Examined): Finding {
  const [id, title] = ['window.sandbox', 'The sandbox of the window']
  if (isRoot)
    return { id, title, state: 'partly', text: 'You are root, for whom the window has no sandbox.', remedy: 'Start the app as a user.' }
  if (hasSandbox) return good(id, title, 'The system lets the window make one.')
  const text = 'The system lets no program make one (user namespaces are restricted): the window may not start.'
  return { id, title, state: 'partly', text, remedy: 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0' }
}
