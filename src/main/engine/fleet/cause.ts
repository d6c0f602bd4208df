import type { Cause, DeviceDeploymentStatus, TimelineEntry } from '../../contract/devices.ts'

export interface CauseFacts {
  /** Of the device in this deployment. */
  status: DeviceDeploymentStatus
  /** Of this device and deployment, the oldest first. */
  entries: readonly TimelineEntry[]
  /** What the device sent with its failure. */
  log: readonly { level: string; message: string }[]
}

interface Pattern {
  /** Looked for in entries and log messages; groups may be used in the summary as $1, $2. */
  find: RegExp
  /** Another line has to fit this as well. */
  given?: RegExp
  summary: string
  remedy: string
}

/** The client goes back because the server does not hear it before the commit: Go's and C++'s wording. */
const NOT_HEARD = /tried sending status report maximum number|giving up on sending status updates/i

/**
 * What explains a failure, from the root to the symptom: the first pattern that any line fits decides. Wordings are those of the
 * clients (Go 3.x, C++ 4.x and 5.x), of U-Boot, of the Linux kernel and of the simulated device.
 */
const PATTERNS: readonly Pattern[] = [
  {
    find: /signature .*(?:not|failed|invalid|missing|refus)|(?:not|no|without|expecting|failed).{0,40}(?:signed|signature)|verification failed/i,
    summary: 'The device refused the signature of the artifact.',
    remedy: 'Sign the artifact with the key whose public half the device has as ArtifactVerifyKey.',
  },
  {
    find: /checksum.*(?:mismatch|wrong|invalid|differ|not match|expected)|(?:wrong|invalid|mismatch\w*) checksum|checksum of .* does not|(?:flate|gzip|zlib|lzma|xz|zstd)\S* (?:corrupt|invalid) /i,
    summary: 'What arrived did not match the checksum in the artifact.',
    remedy: 'Read the artifact again on the server; if it is sound, look for a broken line or memory on the way to the device.',
  },
  {
    find: /device type .*(?:not compatible|not among|incompatible|not in)|not compatible with (?:the )?device|device.?type.*mismatch/i,
    summary: 'The artifact is not made for this device type.',
    remedy: 'Write the artifact with this device type, or correct the type in /var/lib/mender/device_type.',
  },
  {
    find: /depends? .*(?:not (?:satisfied|met|fulfilled|match)|missing|unmet)|(?:missing|unmet|unsatisfied).*(?:provide|depend)/i,
    summary: 'The device lacks what the artifact depends on.',
    remedy: 'Compare the depends of the artifact with the provides of the device.',
  },
  {
    find: /no space left|not enough (?:free )?space|exceeds? .*(?:partition|slot|device size)|(?:larger|bigger) than .*(?:partition|slot|device)|too (?:large|big) for/i,
    summary: 'The payload does not fit on the device.',
    remedy: 'Make the image smaller than the inactive partition, or make space on the device.',
  },
  {
    find: /no such (?:update )?module|update module .*(?:not found|not installed|missing)|no update module|unsupported payload type/i,
    summary: 'The device has no update module for this payload type.',
    remedy: 'Install the update module in /usr/share/mender/modules/v3, or use another payload type.',
  },
  {
    find: /kernel panic[^:]*: *(.+)/i,
    summary: 'The new system did not start: $1',
    remedy: 'Boot the image on a board you can reach by serial console and correct what the line names.',
  },
  {
    find: /kernel panic|no working init|unable to mount root/i,
    summary: 'The new system did not start: the kernel gave up.',
    remedy: 'Check kernel, device tree and root file system of the image.',
  },
  {
    find: /the kernel is missing: [^\n]*?(\/\S+)/i,
    summary: 'The new system has no kernel where the bootloader looks for it: $1.',
    remedy: 'Put kernel and device tree into the root file system, under the names that the boot script of the board loads.',
  },
  {
    find: /no sign of life for (\d+) s/i,
    summary: 'The new system did not come up: nothing was heard of it for $1 s.',
    remedy: 'Look at its last lines on the serial console: what it was starting then hangs.',
  },
  {
    find: /the system has no network: (.+)/i,
    summary: 'The new system has no network: $1.',
    remedy: 'Put the driver and the configuration of its network into the image, as the old system has them.',
  },
  {
    find: /error executing '(Artifact\w+)'[^\n]*?exit status (\d+)/,
    summary: 'The state script $1 ended with exit code $2.',
    remedy: 'Run the script on the device and see why it fails; it must exit 0, or 21 to be retried.',
  },
  {
    find: /state ?script[^\n]*?(?:exit(?:ed)?|status|code)\D{0,20}(\d+)|(Artifact\w+_(?:Enter|Leave|Error)_\d+\S*).*(?:fail|exit)/i,
    summary: 'A state script ended with an error ($1$2).',
    remedy: 'Run the script on the device and see why it fails; it must exit 0, or 21 to be retried.',
  },
  {
    find: /(?:process|module|script|command)[^\n]*?(?:exit(?:ed)?|terminated|returned)[^\n]*?(?:status|code)[ :=]*(\d+)|exit (?:status|code)[ :=]*(\d+)/i,
    summary: 'A program of the update ended with exit code $1$2.',
    remedy: 'Look at the lines before it in the log: what it printed says why.',
  },
  {
    find: /boot ?count.*(?:past|exceed|>|over).*(?:limit|\d)|altbootcmd|boot limit exceeded/i,
    summary: 'The new system did not come up within the allowed boots, so the bootloader went back.',
    remedy: 'Watch the boot on the serial console; the image starts, but never reaches the commit.',
  },
  {
    find: /(?:reboot|boot).*(?:did not|never|not).*(?:happen|new|other|expected) *(?:partition|slot|system)?|(?:bootloader|upgrade).*rolled back|wrong (?:partition|slot)|rollback has happened/i,
    summary: 'After the reboot the device was back on the old system.',
    remedy: 'Watch the boot on the serial console: the new system may not start, or the bootloader may not know about it.',
  },
  {
    find: /download.*(?:given up|failed|aborted|could not be resumed)|giving up on resuming|unexpected EOF|connection (?:refused|reset)|could not resume/i,
    summary: 'The download broke off and was not completed.',
    remedy: 'Check the line to the device and that the server can be reached at the address that the device uses.',
  },
  {
    find: /\b(network is unreachable|no route to host)\b/i,
    given: NOT_HEARD,
    summary: 'The new system had no network to report over before its commit: $1.',
    remedy: 'Look at its network on the serial console: driver, address and route, as the old system has them.',
  },
  {
    find: NOT_HEARD,
    summary: 'The new system could not report to the server before its commit.',
    remedy: 'The server has to be reachable from the new system: check its network, its clock and its certificate.',
  },
  {
    find: /commit.*(?:failed|error|refused)|(?:failed|unable|could not).*commit/i,
    summary: 'The device could not commit the new system.',
    remedy: 'The server has to be reachable from the new system: check its network, its clock and its certificate.',
  },
]

const NEVER_CAME: Cause = {
  summary: 'The device has not been heard since it rebooted.',
  remedy: 'Look at its console and its power; a board without rollback has to be flashed again.',
  entryId: null,
}

/** Why an update ended as it did, with the entry that shows it; null while there is nothing to explain. */
export function causeOf({ status, entries, log }: CauseFacts): Cause | null {
  if (status === 'rebooting') return neverCame(entries)
  if (status !== 'failure') return null
  for (const pattern of PATTERNS) {
    const cause = causeByPattern(pattern, entries, log)
    if (cause) return cause
  }
  return lastError(entries, log)
}

function causeByPattern(pattern: Pattern, entries: readonly TimelineEntry[], log: CauseFacts['log']): Cause | null {
  const { find, given, summary, remedy } = pattern
  if (given && ![...entries.map(({ text }) => text), ...log.map(({ message }) => message)].some((line) => given.test(line))) return null
  const entry = entries.find(({ text, lane }) => lane !== 'http' && find.test(text))
  const line = entry?.text ?? log.find(({ message }) => find.test(message))?.message
  if (line === undefined) return null
  const groups = find.exec(line)?.slice(1) ?? []
  const filled = summary.replaceAll(/\$(\d)/g, (_, index: string) => groups[Number(index) - 1] ?? '')
  return { summary: filled, remedy, entryId: entry?.id ?? null }
}

/** Nothing that is known fits: the last error is the best that can be shown. */
function lastError(entries: readonly TimelineEntry[], log: CauseFacts['log']): Cause {
  const remedy = 'Read the log of the device around this line.'
  const entry = entries.findLast(({ level, lane }) => level === 'error' && lane !== 'http')
  if (entry) return { summary: entry.text, remedy, entryId: entry.id }
  const line = log.findLast(({ level }) => /err|fatal|crit/i.test(level))
  if (line) return { summary: line.message, remedy, entryId: entries.findLast(({ lane }) => lane === 'log')?.id ?? null }
  return {
    summary: 'The device reported a failure and did not say why.',
    remedy: 'Start its client with a more detailed log level and deploy again.',
    entryId: entries.findLast(({ text }) => text.includes('failure'))?.id ?? null,
  }
}

/** Only a silence that somebody has noted is a cause: a reboot takes its time. */
function neverCame(entries: readonly TimelineEntry[]): Cause | null {
  const noted = entries.findLast(({ text }) => /not heard since|never came back|halted/i.test(text))
  return noted ? { ...NEVER_CAME, entryId: noted.id } : null
}
