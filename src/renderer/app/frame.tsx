import type { Place } from '@contract/desktop.ts'
import { ActivityPlace } from '../features/activity/activity-place.tsx'
import { ArtifactsPlace } from '../features/artifacts/artifacts-place.tsx'
import { NewArtifactDialog } from '../features/artifacts/new-artifact-dialog.tsx'
import { AddBoard } from '../features/bench/add-board.tsx'
import { BenchOffers } from '../features/bench/bench-offers.tsx'
import { BenchPlace } from '../features/bench/bench-place.tsx'
import { ExpectDevices } from '../features/bench/expect-devices.tsx'
import { HardwareSheet } from '../features/bench/hardware-sheet.tsx'
import { PreauthorizeDialog } from '../features/bench/preauthorize-dialog.tsx'
import { ConsoleDock } from '../features/consoles/console-dock.tsx'
import { DeployDialog } from '../features/deploy/deploy-dialog.tsx'
import { DeploymentsPlace } from '../features/deployments/deployments-place.tsx'
import { FlashOffers } from '../features/flash/flash-offers.tsx'
import { FlashPlace } from '../features/flash/flash-place.tsx'
import { FlashSignals } from '../features/flash/flash-signals.tsx'
import { JobOffers } from '../features/jobs/job-offers.tsx'
import { JobsPlace } from '../features/jobs/jobs-place.tsx'
import { ProvisionDialog } from '../features/provision/provision-dialog.tsx'
import { SettingsPlace } from '../features/settings/settings-place.tsx'
import { useContrastOfPage } from './contrast.ts'
import { DesktopOffers } from './desktop-offers.tsx'
import { DesktopNews } from './desktop-news.tsx'
import { ImportOrder } from '../features/station/import-order.tsx'
import { StationScreen } from '../features/station/station-screen.tsx'
import { StationSetupDialog } from '../features/station/station-setup.tsx'
import { Announcer } from './announcer.tsx'
import { Knocks } from './knocks.tsx'
import { EngineNotice } from './engine-notice.tsx'
import { FileChooser } from './file-chooser.tsx'
import { useFilterInUrl } from './filter-in-url.ts'
import styles from './frame.module.css'
import { GlossarySheet } from './glossary-sheet.tsx'
import { useMachine } from './machine.ts'
import { Palette } from './palette.tsx'
import { LoginPage } from './login-page.tsx'
import { useLink } from './connection-context.tsx'
import { Rail } from './rail.tsx'
import { ShortcutSheet } from './shortcut-sheet.tsx'
import { Silences } from './silences.tsx'
import { StatusBar } from './status-bar.tsx'
import { TakenNames } from './taken-names.tsx'
import { UnclearFileDialog } from './unclear-file.tsx'
import { useKeys } from './use-keys.ts'
import { useShellMenu } from './use-shell-menu.ts'
import { WindowDrop } from './window-drop.tsx'
import { WorkSignals } from './work-signals.ts'
import { WindowOffers } from './window-offers.tsx'
import { useWindow } from './window-state.ts'

const PLACES: Readonly<Record<Place, () => React.ReactNode>> = {
  bench: BenchPlace,
  artifacts: ArtifactsPlace,
  flash: FlashPlace,
  deployments: DeploymentsPlace,
  jobs: JobsPlace,
  activity: ActivityPlace,
  settings: SettingsPlace,
}

/** The window: rail, one place, consoles, status bar, and the dialogs that any place may open. */
export function Frame() {
  return useLink().kind === 'login' ? <LoginPage /> : <Window />
}

function Window() {
  const place = useWindow((state) => state.place)
  const machine = useMachine()
  useKeys()
  useShellMenu()
  useContrastOfPage()
  useFilterInUrl()
  const Current = PLACES[place]
  return (
    <div className={styles.frame}>
      <Rail />
      <WindowDrop className={styles.main}>
        <EngineNotice />
        <Current />
      </WindowDrop>
      <ConsoleDock />
      <StatusBar />
      <DeployDialog />
      <HardwareSheet />
      <PreauthorizeDialog />
      <AddBoard />
      <NewArtifactDialog />
      {machine !== null && <StationSetupDialog />}
      <ImportOrder />
      <ExpectDevices />
      <UnclearFileDialog />
      <ProvisionDialog />
      <FileChooser />
      <TakenNames />
      <ShortcutSheet />
      <GlossarySheet />
      <Palette />
      <WindowOffers />
      <BenchOffers />
      <FlashOffers />
      <JobOffers />
      <DesktopOffers />
      <WorkSignals />
      <DesktopNews />
      <FlashSignals />
      <Announcer />
      <Knocks />
      <Silences />
      {machine !== null && <StationScreen />}
    </div>
  )
}
