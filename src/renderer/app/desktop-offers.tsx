import { notifications } from '@mantine/notifications'
import { useConnection } from './connection-context.tsx'
import { diagnosticsText } from './diagnostics.ts'
import { useArtifacts, useDeployments, useDevices, useJobs, useServer } from './facts.tsx'
import { useOpenFiles, useOpens } from './file-openers.ts'
import { useOffers } from './offers.ts'
import { useAction } from './use-action.ts'
import { useAddArtifacts } from './use-add-artifacts.ts'
import { useWindow } from './window-state.ts'

/** Offers what a desktop expects of a program: opening files, and telling about itself. */
export function DesktopOffers() {
  const { desktop } = useConnection()
  const showArtifact = useWindow((state) => state.showArtifact)
  const add = useAddArtifacts(showArtifact)
  const copy = useCopyDiagnostics()
  const openFiles = useOpenFiles()
  const open = useAction(
    async () => (await desktop?.pickFiles({ title: 'Open', isSeveral: true, isFolder: false }))?.paths ?? [],
    (paths) => openFiles(paths),
  )
  const showFolder = useAction(async () => desktop?.openDataFolder())
  useOpens('artifact', add.open)
  useOffers(() => ({
    'help.diagnostics': { run: copy },
    ...(desktop !== null && { 'file.open': { run: () => open.run() }, 'help.data-folder': { run: () => showFolder.run() } }),
  }))
  return null
}

function useCopyDiagnostics(): () => void {
  const { desktop } = useConnection()
  const [server, jobs, devices] = [useServer().value, useJobs().value ?? [], useDevices().value ?? []]
  const [artifacts, deployments] = [useArtifacts().value ?? [], useDeployments().value ?? []]
  const copy = useAction(
    async () => {
      const versions = (await desktop?.versions()) ?? null
      const counts = { devices: devices.length, artifacts: artifacts.length, deployments: deployments.length, jobs: jobs.length }
      await navigator.clipboard.writeText(diagnosticsText({ versions, server, jobs, counts, now: Date.now() }))
    },
    () =>
      notifications.show({
        ...{ title: 'Diagnostics copied', message: 'Versions, counts and errors; no key, token or name is in them.' },
        ...{ color: 'gray', withBorder: true, autoClose: 5000 },
      }),
  )
  return () => copy.run()
}
