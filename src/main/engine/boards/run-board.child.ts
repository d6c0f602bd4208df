import { nodeHost } from '../host.node.ts'
import { BoardMachine } from './board-machine.ts'

/** Runs the board of a folder until it is killed, for the tests. */
const [folder = ''] = process.argv.slice(2)
const machine = await BoardMachine.open({
  ...{ host: nodeHost(), folder, silenceMs: 60_000, onNote: () => undefined, trial: async () => null },
  hardware: async () => ({
    ...{ cardPath: `${folder}/card.img`, ubootPath: `${folder}/u-boot.bin`, memoryMiB: 128, mac: '52:54:00:00:00:01' },
    sshPort: Number(process.argv[3]),
  }),
})
await machine.powerOn()
process.stdout.write('ready\n')
