import { resolve } from 'node:path'
import { keepCompiled } from './keep-compiled.ts'

keepCompiled(process.env)
// Not before: what is imported at the top of a file is compiled before its first line runs.
const { main } = await import('./cli/main.ts')
process.exitCode = await main(process.argv.slice(2), resolve(import.meta.dirname, '../renderer'))
