import { t } from '@lingui/core/macro'
import type { TokenScope } from '@contract/tokens.ts'

/** The areas that a token may be limited to. */
export const AREAS = ['artifacts', 'deployments', 'devices'] as const
export type Area = (typeof AREAS)[number]
export type Access = 'none' | 'read' | 'write'

/** What is asked in the form. */
export interface TokenDraft {
  name: string
  /** `all`: whatever the user may. `read`: see everything. `some`: by area. */
  kind: 'all' | 'read' | 'some'
  access: Readonly<Record<Area, Access>>
  days: string
}

/** What a build job needs: it uploads, deploys, and sees what became of it. */
export const FIRST_DRAFT: TokenDraft = {
  name: '',
  kind: 'some',
  access: { artifacts: 'write', deployments: 'write', devices: 'read' },
  days: '90',
}

export function scopesOf({ kind, access }: TokenDraft): TokenScope[] {
  if (kind === 'all') return []
  if (kind === 'read') return ['*:read']
  return AREAS.flatMap((area): TokenScope[] => {
    const how = access[area]
    return how === 'none' ? [] : [`${area}:${how}`]
  })
}

/** Why there can be no such token yet; empty when there can. */
export function problemOf(draft: TokenDraft): string {
  if (draft.name.trim() === '') return t`Give it a name`
  return draft.kind === 'some' && scopesOf(draft).length === 0 ? t`Let it do something` : ''
}

/** The lines of a build job that a token of these scopes can carry out; the token itself comes from the secret OTABENCH_TOKEN. */
export function jobLines(scopes: readonly TokenScope[], url: string): string[] {
  const may = (scope: TokenScope): boolean => scopes.length === 0 || scopes.includes(scope)
  const where = `--server ${url}${url.startsWith('https:') ? ' --ca ca.pem' : ''}`
  const lines = [
    may('artifacts:write') ? `otabench artifacts upload build.mender ${where}` : '',
    may('deployments:write') ? `otabench deploy NAME --all --wait --junit report.xml ${where}` : '',
  ].filter(Boolean)
  return lines.length > 0
    ? lines
    : [`otabench --json ${may('devices:read') || may('*:read') ? 'devices' : (scopes[0]?.split(':')[0] ?? 'devices')} list ${where}`]
}
