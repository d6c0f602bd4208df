import { exampleRecipe } from '../provision/example.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function provisionHandlers(os: Operations, { provisions, host, serverStatus }: EngineParts) {
  return {
    plan: os.provision.plan.handler(({ input }) => provisions.plan(input.recipe, input.road)),
    example: os.provision.example.handler(async ({ input: { kind } }) => ({ text: await exampleRecipe(host.files, kind, serverStatus()) })),
    ssh: os.provision.ssh.handler(({ input }) => provisions.ssh(input)),
    serial: os.provision.serial.handler(({ input }) => provisions.serial(input)),
    image: os.provision.image.handler(({ input }) => provisions.image(input)),
    outcome: os.provision.outcome.handler(live([provisions.changes], ({ jobId }) => provisions.outcome(jobId))),
    hosts: os.provision.hosts.handler(live([provisions.changes], () => provisions.hosts())),
    forgetHost: os.provision.forgetHost.handler(({ input }) => provisions.forgetHost(input.place)),
    numbers: os.provision.numbers.handler(live([provisions.changes], () => provisions.numbers())),
  }
}
