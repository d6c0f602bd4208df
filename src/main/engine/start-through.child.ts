// Starts a program between two files, which writes the number of its process, and waits.
import { nodeHost } from './host.node.ts'

const [from = '', to = ''] = process.argv.slice(2)
await nodeHost().programs.start('sh', ['-c', 'echo $$; exec sleep 60'], { through: { from, to } }).ended
