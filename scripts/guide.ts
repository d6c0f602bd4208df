// npm run guide: walks through docs/ in the app, and takes the pictures that stand there.
import { join } from 'node:path'
import { journeys } from './e2e.ts'
import { root } from './program.ts'

process.exitCode = await journeys(['guide.spec.ts', ...process.argv.slice(2)], { OTABENCH_GUIDE: join(root, 'docs', 'pictures') })
