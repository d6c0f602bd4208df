import { t } from '@lingui/core/macro'
import { Loader } from '@mantine/core'
import { Cpu, FlaskConical, type LucideIcon, PackagePlus } from 'lucide-react'
import { useSimulated } from '../../app/facts.tsx'
import { startBench } from '../../app/start-bench.ts'
import { useAction } from '../../app/use-action.ts'
import { useAddArtifacts } from '../../app/use-add-artifacts.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { Discovered } from './discovered.tsx'
import styles from './first-run.module.css'

/** The first screen, with nothing attached: two ways in, and a place to drop an artifact. */
export function FirstRun({ hasArtifacts }: { hasArtifacts: boolean }) {
  const { showSheet, go, selectArtifact } = useWindow()
  const boards = useSimulated().value ?? []
  const start = useAction(startBench)
  const add = useAddArtifacts((id) => {
    selectArtifact(id)
    go('artifacts')
  })
  const drop = useFileDrop(add.drop)
  const isStarting = start.isBusy || boards.some((board) => board.isRunning)
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <h1 className={styles.title}>{t`OTA Bench`}</h1>
        <p className={styles.lead}>
          {t`Update boards over the air, watch every slot and every byte, and see why an update was rolled back. All of it on this machine: no account, no internet.`}
        </p>
        <div className={styles.ways}>
          <May group="simulated">
            <Way
              icon={FlaskConical}
              title={t`Start virtual bench`}
              text={t`Four virtual devices and three signed artifacts. One of the artifacts does not boot: see what a rollback looks like.`}
              isBusy={isStarting}
              onClick={() => start.run()}
            />
          </May>
          <Way
            icon={Cpu}
            title={t`Use my hardware`}
            text={t`Point a board with the Mender client at this server: addresses, certificate and the lines to paste.`}
            onClick={() => showSheet('hardware')}
          />
        </div>
        <button type="button" className={styles.drop} data-over={drop.isOver} {...drop.handlers} onClick={add.pick}>
          <PackagePlus size={18} strokeWidth={1.5} aria-hidden />
          {hasArtifacts ? t`Drop another .mender file here, or click to choose one` : t`Drop a .mender file here, or click to choose one`}
        </button>
        <Discovered />
      </div>
    </div>
  )
}

interface WayProps {
  icon: LucideIcon
  title: string
  text: string
  isBusy?: boolean
  onClick: () => void
}

function Way({ icon: Icon, title, text, isBusy = false, onClick }: WayProps) {
  return (
    <button type="button" className={styles.way} disabled={isBusy} onClick={onClick}>
      <span className={styles.wayTitle}>
        {isBusy ? <Loader size={18} color="gray" /> : <Icon size={20} strokeWidth={1.5} aria-hidden />}
        {title}
      </span>
      <span className={styles.wayText}>{text}</span>
    </button>
  )
}
