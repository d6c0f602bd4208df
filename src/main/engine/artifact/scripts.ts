const STATES = [
  'ArtifactInstall',
  'ArtifactReboot',
  'ArtifactCommit',
  'ArtifactRollback',
  'ArtifactRollbackReboot',
  'ArtifactFailure',
] as const

const PATTERN = new RegExp(`^(?:${STATES.join('|')})_(?:Enter|Leave|Error)_[0-9][0-9](?:_[^\\s/\\\\]+)?$`)

/** What to say of a name that is none. */
export const SCRIPT_NAME_HINT = `A state script is named STATE_Enter|Leave|Error_NN or …_NN_NAME, where STATE is one of ${STATES.join(', ')}.`

/** Whether the client would run a state script of this name: the whole name must match, unlike in mender-artifact. */
export function isScriptName(name: string): boolean {
  return PATTERN.test(name)
}
