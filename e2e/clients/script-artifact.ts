interface ScriptArtifact {
  name: string
  /** The shell script that it runs. */
  script: string
  /** Where the artifact goes. */
  to: string
}

/** The words that write an artifact for the update module `script`, for the device type of the boards in the journeys; `more` goes behind. */
export function writeScript({ name, script, to }: ScriptArtifact, ...more: string[]): string[] {
  return ['artifact', 'write', 'module-image', '-T', 'script', '-t', 'azure_vm', '-n', name, '-f', script, '-o', to, ...more]
}
