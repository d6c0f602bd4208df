import type { Recipe, IdentitySource } from '../../contract/recipe.ts'

/** How a recipe reaches a board. */
export type Road = 'ssh' | 'serial' | 'image'

export const PROVISION_STEPS = [
  ...['Connect', 'Look at the board', 'Mender client', 'Identity and key', 'Configuration', 'Files', 'Commands'],
  ...['Preauthorize', 'Services', 'Checks'],
] as const

export interface PlannedStep {
  step: string
  /** What happens in it, a line each. */
  lines: string[]
}

/** What a recipe does, before it runs; steps in which nothing happens are left out. */
export function planOf(recipe: Recipe, road: Road): PlannedStep[] {
  const steps: PlannedStep[] = [
    { step: 'Mender client', lines: road === 'image' ? [] : clientLines(recipe) },
    { step: 'Identity and key', lines: identityLines(recipe) },
    { step: 'Configuration', lines: configurationLines(recipe) },
    {
      step: 'Files',
      lines: recipe.files.map(
        ({ to, mode, owner, from, secret }) => `${to}  ${mode} ${owner}  ${from ?? secret ?? 'as written in the recipe'}`,
      ),
    },
    {
      step: 'Commands',
      lines: recipe.commands.map(({ run, unless, expect, as }) =>
        [
          `${as === 'root' ? '#' : '$'} ${oneLine(run)}`,
          ...(unless === undefined ? [] : [`unless ${oneLine(unless)}`]),
          ...(expect === undefined ? [] : [`must say "${expect}"`]),
        ].join(', '),
      ),
    },
    { step: 'Services', lines: recipe.services.enable.map((name) => `${name}: started with the board, and now`) },
    {
      step: 'Checks',
      lines: recipe.checks.map(({ run, expect }) => `# ${oneLine(run)}${expect === undefined ? '' : ` must say "${expect}"`}`),
    },
  ]
  const left = road === 'image' ? new Set(leftOut(recipe).map(({ step }) => step)) : new Set<string>()
  return steps.filter(({ step, lines }) => lines.length > 0 && !left.has(step))
}

/** What an image cannot be given: it has to run for that. */
export function leftOut({ commands, services, checks, client }: Recipe): PlannedStep[] {
  const steps = [
    { step: 'Mender client', lines: client.packages.map((name) => `install ${name}`) },
    { step: 'Commands', lines: commands.map(({ run }) => oneLine(run)) },
    { step: 'Services', lines: services.enable },
    { step: 'Checks', lines: checks.map(({ run }) => oneLine(run)) },
  ]
  return steps.filter(({ lines }) => lines.length > 0)
}

function clientLines({ client: { packages, apt } }: Recipe): string[] {
  const from = packages.length > 0 ? packages.join(', ') : `${apt.join(', ')} from the board's apt`
  return packages.length === 0 && apt.length === 0 ? [] : [`where there is none: install ${from}`]
}

function identityLines({ identity = {}, key }: Recipe): string[] {
  const lines = Object.entries(identity).map(([name, source]) => `${name} = ${sourceText(source)}`)
  if (key !== undefined) lines.push('secret' in key ? `key ${key.secret}` : `a new ${key.type} key, where there is none of that type`)
  return lines
}

function sourceText(source: IdentitySource): string {
  if (typeof source === 'string') return source
  if ('interface' in source) return source.interface === 'auto' ? 'MAC of the first wired interface' : `MAC of ${source.interface}`
  return 'command' in source ? `what "${oneLine(source.command)}" prints` : `the next of ${source.series}, as ${source.pattern}`
}

function configurationLines({ deviceType, artifactName, server, menderConf }: Recipe): string[] {
  return [
    ...(deviceType === undefined ? [] : [`device type ${deviceType}`]),
    ...(artifactName === undefined ? [] : [`artifact name ${artifactName}`]),
    ...(server === undefined ? [] : [`server ${server.url}${server.ca === undefined ? '' : `, trusted by ${server.ca}`}`]),
    ...Object.keys(menderConf).map((name) => `${name} in mender.conf`),
  ]
}

function oneLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n')
  return more.length > 0 || first.length > 100 ? `${first.slice(0, 100)}…` : first
}
