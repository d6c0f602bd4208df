import { t } from '@lingui/core/macro'
import { notifications } from '@mantine/notifications'
import { useConnection } from './connection-context.tsx'
import { diagnosticsText } from './diagnostics.ts'
import { useArtifacts, useDeployments, useDevices, useJobs, useServer } from './facts.tsx'
import { useOpenFiles, useOpens } from './file-openers.ts'
import { useMachine } from './machine.ts'
import { useOffers } from './offers.ts'
import { useAction } from './use-action.ts'
import { useAddArtifacts } from './use-add-artifacts.ts'
import { useWindow } from './window-state.ts'

/** Offers what a desktop expects of a program: opening files, and telling about itself. */
export function DesktopOffers() {
  const { desktop } = useConnection()
  const machine = useMachine()
  const showArtifact = useWindow((state) => state.showArtifact)
  const add = useAddArtifacts(showArtifact)
  const copy = useCopyDiagnostics()
  const openFiles = useOpenFiles()
  const open = useAction(
    async () => (await machine?.pickFiles({ title: t`Open`, isSeveral: true, isFolder: false }))?.paths ?? [],
    (paths) => openFiles(paths),
  )
  const showLogs = useAction(async () => desktop?.openLogFolder())
  // Also while there is no engine.
  const zoom = (step: 1 | -1 | 0): void => void desktop?.zoom({ step }).catch(() => undefined)
  const showFolder = useAction(async () => desktop?.openDataFolder())
  const associate = useAssociate()
  useOpens('artifact', add.open)
  useOffers(() => ({
    'help.diagnostics': { run: copy },
    ...(machine !== null && { 'file.open': { run: () => open.run() } }),
    ...(desktop !== null && {
      'help.data-folder': { run: () => showFolder.run() },
      'help.log-folder': { run: () => showLogs.run() },
      'window.zoom-in': { run: () => zoom(1) },
      'window.zoom-out': { run: () => zoom(-1) },
      'window.zoom-reset': { run: () => zoom(0) },
      'help.associate': { run: () => associate(true) },
      'help.dissociate': { run: () => associate(false) },
    }),
  }))
  return null
}

/** Has the system open `.mender` files and links of ours with this program, or no longer. */
function useAssociate(): (isOn: boolean) => void {
  const { desktop } = useConnection()
  const set = useAction(
    async (engine, isOn: boolean) => {
      if ((await desktop?.followLinks({ isOn }))?.isDone) return []
      return (await engine.associations.set({ isOn })).notes
    },
    (notes, isOn) =>
      notifications.show({
        title: isOn ? t`.mender files open here` : t`.mender files open here no longer`,
        message: notes.join(' ') || (isOn ? t`And so do links that begin with otabench://.` : t`What was written for it is removed.`),
        ...{ color: 'gray', withBorder: true, autoClose: 8000 },
      }),
  )
  return set.run
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
        ...{ title: t`Diagnostics copied`, message: t`Versions, counts and errors; no key, token or name is in them.` },
        ...{ color: 'gray', withBorder: true, autoClose: 5000 },
      }),
  )
  return () => copy.run()
}
