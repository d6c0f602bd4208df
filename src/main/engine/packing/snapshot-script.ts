/** The line after which the image comes, as mender-artifact waits for it too. */
export const START_LINE = 'Initializing snapshot...'
/** The line that asks for the password on standard input. */
export const PASSWORD_LINE = 'otabench: password'

/**
 * What root runs on the device: the provides of its client, then the image. mender-snapshot came with client 4, before it was a command
 * of mender. The names are looked up as mender-artifact does.
 */
const AS_ROOT = [
  'if command -v mender-snapshot > /dev/null; then set -- mender-snapshot dump',
  'elif command -v mender > /dev/null; then set -- mender snapshot dump',
  'else echo otabench: no mender >&2; exit 127; fi',
  'if command -v mender-update > /dev/null; then mender-update show-provides < /dev/null 2> /dev/null',
  'elif command -v mender > /dev/null; then mender show-provides < /dev/null 2> /dev/null; fi',
  `echo ${START_LINE}`,
  'exec $@',
].join('; ')

/**
 * The command of the ssh session. It has no single quote, so that any login shell hands it on as one word. Only a user who may not
 * become root without a password is asked for it: on standard input, after the line that says so.
 */
export function snapshotScript(): string {
  const script = [
    `run="${AS_ROOT.replaceAll('$', String.raw`\$`)}"`,
    'if [ $(id -u) -eq 0 ]; then exec /bin/sh -c "$run"; fi',
    'if command -v sudo > /dev/null; then :; else echo otabench: no sudo >&2; exit 126; fi',
    'if sudo -n true 2> /dev/null; then exec sudo -n /bin/sh -c "$run"; fi',
    `echo ${PASSWORD_LINE}`,
    'exec sudo -S -p otabench: /bin/sh -c "$run"',
  ].join('; ')
  return `/bin/sh -c '${script}'`
}
