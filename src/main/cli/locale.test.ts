import { describe, expect, it } from 'vitest'
import { wantedLanguages } from './locale.ts'

describe('the languages that are wanted', () => {
  it('are those of the first variable of LC_ALL, LC_MESSAGES and LANG that says something', () => {
    expect(wantedLanguages({ LANG: 'de_DE.UTF-8' })).toEqual(['de-DE'])
    expect(wantedLanguages({ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'fr_FR@euro' })).toEqual(['fr-FR'])
    expect(wantedLanguages({ LANG: 'de_DE', LC_MESSAGES: 'fr_FR', LC_ALL: 'it' })).toEqual(['it'])
    expect(wantedLanguages({ LANG: 'de_DE', LC_MESSAGES: '', LC_ALL: '' })).toEqual(['de-DE'])
  })

  it('are those of LANGUAGE, in its order, unless the locale has none', () => {
    expect(wantedLanguages({ LANGUAGE: 'nds:de_AT:', LANG: 'de_DE.UTF-8' })).toEqual(['nds', 'de-AT'])
    expect(wantedLanguages({ LANGUAGE: 'de', LANG: 'C.UTF-8' })).toEqual(['de'])
    for (const locale of [{}, { LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'de_DE' }])
      expect(wantedLanguages({ LANGUAGE: 'de', ...locale })).toEqual([])
  })

  it('are none where English comes first, and none behind it', () => {
    for (const LANG of ['en', 'en_US.UTF-8', 'en_GB', 'C.UTF-8', '']) expect(wantedLanguages({ LANG })).toEqual([])
    expect(wantedLanguages({ LANGUAGE: 'de:en_GB:fr', LANG: 'fr_FR' })).toEqual(['de'])
  })

  it('may be the pseudo language', () => {
    expect(wantedLanguages({ LANG: 'en_XA.UTF-8' })).toEqual(['en-XA'])
  })
})
