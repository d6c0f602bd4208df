/** What a device says it has: artifact_name, device_type and every other provide. */
export type Provides = Readonly<Record<string, string>>

/** What matters of an artifact for whether a device takes it. */
export interface Candidate {
  id: string
  deviceTypes: readonly string[]
  dependsNames: readonly string[]
  dependsGroups: readonly string[]
  depends: Readonly<Record<string, string | readonly string[]>>
}

export interface NextRequest {
  artifactName: string
  isForced: boolean
  /** Whether the device has begun this deployment: then what it runs no longer settles it. */
  isStarted: boolean
  /** All artifacts of that name, the smallest first. */
  candidates: readonly Candidate[]
  provides: Provides
  /** Whether `provides` is everything the device has (v2 request), so that depends can be judged. */
  hasAllProvides: boolean
}

export type NextDeployment =
  | { kind: 'artifact'; id: string }
  | { kind: 'already-installed'; why: string }
  | { kind: 'noartifact'; why: string }

/** Which artifact of a deployment the device gets, and if none, why, in words (Mender, deployments; depends as the client judges them). */
export function nextDeployment(request: NextRequest): NextDeployment {
  const { artifactName, isForced, isStarted, candidates, provides } = request
  if (provides['artifact_name'] === artifactName && !isForced && !isStarted) {
    return { kind: 'already-installed', why: `The device says that it runs ${artifactName} already.` }
  }
  if (candidates.length === 0) return { kind: 'noartifact', why: `There is no artifact named ${artifactName} in the library any more.` }
  const refusals: string[] = []
  for (const candidate of candidates) {
    const refusal = whyNot(candidate, request)
    if (refusal === null) return { kind: 'artifact', id: candidate.id }
    refusals.push(refusal)
  }
  return { kind: 'noartifact', why: [...new Set(refusals)].join(' ') }
}

/** Why a device with these provides would not take the artifact, in words; null when it would. */
export function whyNot(
  candidate: Candidate,
  { provides, hasAllProvides }: Pick<NextRequest, 'provides' | 'hasAllProvides'>,
): string | null {
  const type = provides['device_type'] ?? ''
  if (!candidate.deviceTypes.includes(type)) return `Its device type "${type}" is not among ${listed(candidate.deviceTypes)}.`
  if (!hasAllProvides) return null
  const rules: [string, readonly string[]][] = [
    ['artifact_name', candidate.dependsNames],
    ['artifact_group', candidate.dependsGroups],
    ...Object.entries(candidate.depends).map(([key, value]): [string, readonly string[]] => [
      key,
      typeof value === 'string' ? [value] : value,
    ]),
  ]
  for (const [key, wanted] of rules) {
    const has = provides[key]
    if (wanted.length === 0 || (has !== undefined && wanted.includes(has))) continue
    const state = has === undefined ? 'the device does not provide it' : `the device has "${has}"`
    return `It depends on ${key} being ${listed(wanted)}; ${state}.`
  }
  return null
}

function listed(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ')
}
