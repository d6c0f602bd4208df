import { GLOSSARY, type TermName } from '@contract/glossary.ts'
import { i18n } from '@texts/i18n.ts'

/** What a word of the glossary means. */
export const meaningOf = (name: TermName): string => i18n._(GLOSSARY[name].means)
