import { keepCompiled } from './keep-compiled.ts'

keepCompiled(process.env)
// Not before: what is imported at the top of a file is compiled before its first line runs.
const { main } = await import('./engine-of-app.ts')
await main(process.argv[2])
