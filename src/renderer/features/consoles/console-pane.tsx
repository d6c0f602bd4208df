import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { Clock, FileUp, FolderOpen, type LucideIcon, Search, Settings2, Unplug, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useMachine } from '../../app/machine.ts'
import { useDock } from '../../app/dock-state.ts'
import { useJobs } from '../../app/facts.tsx'
import { useKeyHint } from '../../app/use-key-hint.ts'
import { JobBar } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './console-dock.module.css'
import { stateText } from './console-words.ts'
import { ConsoleSettings } from './console-settings.tsx'
import { SendFile } from './send-file.tsx'

const ConsoleScreen = lazy(() => import('./console-screen.tsx'))

/** One console: its tools, its screen, and a line that says how it is. */
export function ConsolePane({ shown }: { shown: BoardConsole }) {
  const [isSearching, setSearching] = useState(false)
  const [dialog, setDialog] = useState<'settings' | 'file' | null>(null)
  return (
    <>
      <Tools shown={shown} isSearching={isSearching} onSearch={() => setSearching(!isSearching)} onAsk={setDialog} />
      <Suspense fallback={<div className={styles.screen} />}>
        <ConsoleScreen shown={shown} isSearching={isSearching} onSearchEnd={() => setSearching(false)} />
      </Suspense>
      <Foot shown={shown} />
      <ConsoleSettings shown={shown} isOpen={dialog === 'settings'} onClose={() => setDialog(null)} />
      <SendFile shown={shown} isOpen={dialog === 'file'} onClose={() => setDialog(null)} />
    </>
  )
}

interface ToolsProps {
  shown: BoardConsole
  isSearching: boolean
  onSearch: () => void
  onAsk: (dialog: 'settings' | 'file') => void
}

function Tools({ shown, isSearching, onSearch, onAsk }: ToolsProps) {
  const { desktop } = useConnection()
  const machine = useMachine()
  const { hasTimes, setTimes } = useDock()
  const close = useAction((engine) => engine.consoles.close({ id: shown.id }))
  const sendBreak = useAction((engine) => engine.consoles.sendBreak({ id: shown.id }))
  const showLogs = useAction(async (engine) => {
    const { folder } = await engine.consoles.logs({ deviceId: shown.deviceId })
    await desktop?.openFolder({ path: folder })
  })
  return (
    <div className={styles.tools} role="toolbar" aria-label={t`Console`}>
      <Tool icon={Search} label={t`Search`} isOn={isSearching} onClick={onSearch} />
      <Tool icon={Clock} label={t`Host time`} isOn={hasTimes} onClick={() => setTimes(!hasTimes)} />
      {shown.canBreak && <Tool icon={Unplug} label={t`Send break`} onClick={() => sendBreak.run()} />}
      {machine !== null && shown.canSendFiles && (
        <Tool icon={FileUp} label={t`Send a file…`} isOff={shown.jobId !== null} onClick={() => onAsk('file')} />
      )}
      <Tool icon={Settings2} label={shown.kind === 'serial' ? t`Line and device…` : t`Device…`} onClick={() => onAsk('settings')} />
      {desktop !== null && <Tool icon={FolderOpen} label={t`Log folder`} onClick={() => showLogs.run()} />}
      <Tool icon={X} label={t`Close this console`} onClick={() => close.run()} />
    </div>
  )
}

interface ToolProps {
  icon: LucideIcon
  label: string
  isOn?: boolean
  isOff?: boolean
  onClick: () => void
}

function Tool({ icon: Icon, label, isOn, isOff = false, onClick }: ToolProps) {
  return (
    <Tooltip label={label} position="left">
      <ActionIcon aria-label={label} aria-pressed={isOn} variant={isOn ? 'light' : 'subtle'} disabled={isOff} onClick={onClick}>
        <Icon size={15} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  )
}

function Foot({ shown }: { shown: BoardConsole }) {
  const job = useJobs().value?.find(({ id }) => id === shown.jobId)
  const cancel = useAction((engine, id: string) => engine.jobs.cancel({ id }))
  const leaves = useKeyHint()('window.next-region').shown
  return (
    <div className={styles.foot} data-state={shown.state}>
      <output className={styles.footText}>{job === undefined ? stateText(shown) : job.title}</output>
      {job !== undefined && (
        <>
          <JobBar job={job} />
          <Button size="compact-xs" variant="default" onClick={() => cancel.run(job.id)}>
            {t`Cancel`}
          </Button>
        </>
      )}
      <span className={styles.keys}>
        {leaves !== undefined && t`${leaves} leaves · `} {t`Ctrl+Shift+C / V copy, paste`}
      </span>
    </div>
  )
}
