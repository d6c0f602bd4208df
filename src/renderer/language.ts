import { i18n, speak } from '@texts/i18n.ts'

// The app says which one; a browser knows what its reader prefers. Every module with a text in it waits for this one.
const wanted = new URLSearchParams(window.location.search).get('language')
await speak(wanted === null ? navigator.languages : [wanted])

export { i18n }
