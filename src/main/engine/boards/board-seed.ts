import type { Seed } from '../../contract/seed.ts'

/** What makes a card one board's own. */
export interface BoardSpec {
  /** Of the board's host name: letters, digits and -. */
  readonly name: string
  readonly deviceType: string
  /** Of what both slots hold at first. */
  readonly artifactName: string
  /** http or https. From inside of QEMU's user network this machine is 10.0.2.2. */
  readonly serverUrl: string
  /** The certificate authority that the board trusts; null for a server over http. */
  readonly caPem: string | null
  /** The public key that artifacts have to be signed with; null: none has to be. */
  readonly verifyKeyPem: string | null
  /** Private, of the Mender client. */
  readonly deviceKeyPem: string
  /** The private Ed25519 key of its SSH server; null: the board makes keys when it first starts. */
  readonly hostKeyPem: string | null
  /** Lines of authorized_keys, for root. */
  readonly authorizedKeys: readonly string[]
  readonly pollSeconds: number
}

const MENDER = '/data/mender'
const ROOT = { uid: 0, gid: 0 }
type Files = Seed['files']

/** The files of the data partition, besides what the layout says for all boards. `hostKeyPath`: the key of its SSH server, as dropbear keeps it. */
export function boardSeed(all: Seed, spec: BoardSpec, hostKeyPath: string | null): Seed {
  const { deviceType, serverUrl, pollSeconds, caPem, verifyKeyPem } = spec
  const settings = {
    UpdatePollIntervalSeconds: pollSeconds,
    InventoryPollIntervalSeconds: pollSeconds * 10,
    RetryPollIntervalSeconds: pollSeconds,
    ...(caPem === null ? {} : { ServerCertificate: `${MENDER}/server.crt` }),
    ...(verifyKeyPem === null ? {} : { ArtifactVerifyKey: `${MENDER}/artifact-verify-key.pem` }),
  }
  const files = [...all.files, ...filesOf(spec)]
  if (hostKeyPath !== null) files.push({ to: '/data/ssh/dropbear_ed25519_host_key', from: hostKeyPath, mode: '0600', ...ROOT })
  return { ...all, deviceType, serverUrl, settings: { ...all.settings, ...settings }, files }
}

function filesOf({ name, deviceKeyPem, caPem, verifyKeyPem, authorizedKeys }: BoardSpec): Files {
  const files: Files = [
    { to: '/data/hostname', text: `${name}\n`, mode: '0644', ...ROOT },
    { to: `${MENDER}/mender-agent.pem`, text: deviceKeyPem, mode: '0600', ...ROOT },
    { to: '/data/ssh/authorized_keys', text: authorizedKeys.map((line) => `${line.trim()}\n`).join(''), mode: '0600', ...ROOT },
  ]
  if (caPem !== null) files.push({ to: `${MENDER}/server.crt`, text: caPem, mode: '0644', ...ROOT })
  if (verifyKeyPem !== null) files.push({ to: `${MENDER}/artifact-verify-key.pem`, text: verifyKeyPem, mode: '0644', ...ROOT })
  return files
}
