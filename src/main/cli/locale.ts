type Environment = Readonly<Record<string, string | undefined>>

/** C has no language, and no region's English has a catalogue: only the pseudo language is one of its own. */
const ENGLISH = /^(?:C|POSIX|en(?:-(?!XA$).*)?)$/

/** The languages to speak before English, the dearest first, by the variables that gettext reads, in its order. */
export function wantedLanguages(environment: Environment): string[] {
  const locale = [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find((value) => value) ?? 'C'
  // who asks for no language at all is not given one of a list
  const list = locale === 'C' || locale === 'POSIX' ? locale : environment['LANGUAGE'] || locale
  const tags = list.split(':').flatMap((name) => (name === '' ? [] : [name.replace(/[.@].*$/, '').replaceAll('_', '-')]))
  const english = tags.findIndex((tag) => ENGLISH.test(tag))
  return english === -1 ? tags : tags.slice(0, english)
}
