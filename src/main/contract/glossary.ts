/** A word of the field as the bench uses it. */
export interface Term {
  /** One sentence. */
  means: string
  /** Other words for it, which the bench never uses, so that one thing has one name. */
  never?: readonly string[]
}

/** Every word that somebody who is new to the field may have to look up: the app, the command line and the guide all read it here. */
export const GLOSSARY = {
  artifact: {
    means: 'A .mender file: a payload, what it provides and depends on, and a signature; it is what a deployment installs.',
    never: ['update bundle', 'firmware bundle', 'update package', 'firmware package', 'mender package'],
  },
  'artifact name': { means: 'The name that a device reports once the artifact is installed; a release is all artifacts of one name.' },
  payload: { means: 'What is in an artifact for the device: an image of a root file system, or files for an update module.' },
  provides: { means: 'What a device can say of itself once the artifact is installed, such as the version of its root file system.' },
  depends: { means: 'What a device must provide already for the artifact to be installed on it.' },
  'clears provides': { means: 'Which of the provides of earlier artifacts no longer hold once this one is installed.' },
  'device type': { means: 'The kind of hardware a device says it is; an artifact names the types it fits.' },
  manifest: { means: 'The list of checksums in an artifact; a signature covers this list, and through it everything else.' },
  'meta-data': { means: 'JSON in an artifact that the update module reads; its meaning is up to the module.' },
  'state script': { means: 'A program in an artifact, or on the device, that the Mender client runs before or after a step of an update.' },
  'update module': { means: 'A program on the device that installs one type of payload, such as single files or Debian packages.' },
  'bootstrap artifact': { means: 'An artifact without a payload, which tells a new device what it provides.' },
  delta: { means: 'An artifact that holds only the difference between two root file systems; it installs where the older one runs.' },
  release: { means: 'All artifacts of one name; for each device the newest one that fits is taken.' },
  library: { means: 'The artifacts that this bench can deploy.' },
  'signing key': { means: 'The private key that signs artifacts; devices have its public half and refuse what it did not sign.' },

  device: {
    means: 'What asks the server for updates: a board, or a virtual one, with an identity of its own.',
    never: ['endpoint device'],
  },
  'Mender client': {
    means: 'The program on a device that polls the server, installs artifacts, and commits or rolls back.',
    never: ['update agent', 'mender agent'],
  },
  identity: { means: 'Attributes by which a device is told from all others, usually the MAC address of a network card.' },
  authset: { means: 'An identity together with a public key; a device has as many as it has used keys, and at most one is accepted.' },
  accept: { means: 'To let a device with this identity and key fetch updates.', never: ['approve'] },
  preauthorize: {
    means: 'To accept an identity and a key before the device has ever asked.',
    never: ['pre-approve', 'whitelist', 'allowlist'],
  },
  decommission: { means: 'To take a device off the server, with all its authsets; it has to ask again.' },
  inventory: { means: 'Attributes that a device reports of itself, such as its kernel or address; filters look at them.' },
  group: { means: 'Devices that are deployed to together: a list, or a filter by which they come and go.' },
  poll: {
    means: 'A request by which a device asks for an update; the bench never calls a device by itself.',
    never: ['check-in', 'heartbeat'],
  },
  'virtual device': {
    means: 'A program of the bench that behaves as a device does, over real http, without an operating system.',
    never: ['simulated device', 'fake device', 'mock device'],
  },
  'virtual board': {
    means: 'A real system in QEMU, with U-Boot, two slots and the unmodified Mender client.',
    never: ['emulated board', 'simulated board'],
  },

  deployment: {
    means: 'The order to install a release on some devices, and what became of it on each.',
    never: ['rollout', 'roll-out', 'campaign'],
  },
  phase: { means: 'A part of the devices of a deployment, which begins after the parts before it; it can stop at a limit of failures.' },
  'pause point': { means: 'A step before which a device waits until somebody lets it go on: installing, rebooting or committing.' },
  noartifact: { means: 'The outcome for a device that no artifact of the release fits.' },
  'already-installed': { means: 'The outcome for a device that runs the release already.' },
  slot: { means: 'One of the two places for a root file system on a card, A and B; one runs while the other is written.' },
  'trial boot': { means: 'The first start of a new root file system; without a commit, the next start is from the old one.' },
  'boot count': { means: 'How often the boot loader has tried the new slot; beyond its limit it goes back to the old one.' },
  commit: { means: 'The decision to keep what was installed; until then it is on trial.' },
  rollback: {
    means: 'The return to what ran before an update, by the client or, when nothing starts, by the boot loader.',
    never: ['revert'],
  },
  mismatch: { means: 'The bench has observed something else than the device claims, such as another slot that runs.' },

  drive: { means: 'What an image can be written to: a card in a reader, a USB stick, or a file that plays one.' },
  card: { means: 'A drive that a board starts from, usually an SD card.' },
  image: { means: 'The bytes of a whole card or of one file system; it becomes an artifact only when it is packed into one.' },
  'block map': { means: 'A list of the parts of an image that hold data, with their checksums, so that empty parts need no writing.' },
  flash: { means: 'To write an image to drives.', never: ['burn'] },
  verify: { means: 'To read back what was written and compare it.' },
  compose: { means: 'To make a card image with two slots out of a boot partition and a root file system.' },
  convert: { means: 'To make a card image with two slots out of one that has a single root file system.' },
  provision: { means: 'To give a board its identity, key, client and configuration.', never: ['enroll'] },
  recipe: { means: 'A YAML file that says what a board becomes; it changes nothing when it is run again.' },
  board: { means: 'The hardware of a device, or a virtual board; it has a serial port, a card and power.' },
  console: { means: 'What a board prints and takes by its serial port or over SSH, kept open by the bench.' },
  station: { means: 'The part of the bench where an operator makes units all day, one from each card.' },
  'work order': { means: 'What is to be made today: so many units of a series, or a list of them.' },
  record: { means: 'The line that a station writes about each unit; records form a chain, so that a changed one is noticed.' },

  job: { means: 'Long work of the bench itself, such as flashing; it has a log and can be cancelled.' },
  'access token': { means: 'What a program shows instead of a password; it says what the program may do.', never: ['api key'] },
  webhook: { means: 'An address that the bench calls when something happens.' },
  'audit log': { means: 'Who ordered what of the bench, and when.' },
} as const satisfies Readonly<Record<string, Term>>

export type TermName = keyof typeof GLOSSARY

/** All of them by their letters, as one looks them up. */
export const TERMS: readonly (Term & { name: TermName })[] = Object.keys(GLOSSARY)
  .filter((name): name is TermName => Object.hasOwn(GLOSSARY, name))
  .map((name): Term & { name: TermName } => ({ name, ...GLOSSARY[name] }))
  .toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
