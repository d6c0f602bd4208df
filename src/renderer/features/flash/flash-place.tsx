import { Button } from '@mantine/core'
import { HardDrive, ScanSearch, Zap } from 'lucide-react'
import { shell } from '../../app/shell.ts'
import { useFileDrop } from '../../ui/file-drop.ts'
import { Empty } from '../../ui/empty.tsx'
import { Place } from '../../ui/place.tsx'
import { DriveList } from './drive-list.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { ImagePanel } from './image-panel.tsx'
import { InspectPlace } from './inspect-place.tsx'
import { usePickImage } from './use-pick-image.ts'

/** Images onto cards: what is written, onto which drives, and how it goes. */
export function FlashPlace() {
  const { inspected } = useFlash()
  if (shell === null) return <FromAfar />
  return inspected === null ? <WritePlace /> : <InspectPlace {...inspected} />
}

/** Drives are those of the engine's machine; a browser may sit at another one. */
function FromAfar() {
  return (
    <Place title="Flash">
      <Empty
        icon={HardDrive}
        title="Cards are flashed where they are plugged in"
        text="Open the app on that machine, or use otabench flash IMAGE --to DRIVE there."
      />
    </Place>
  )
}

function WritePlace() {
  const { chooseImage, inspect } = useFlash()
  const look = usePickImage('Look into an image', (path) => inspect(path))
  const drop = useFileDrop((files, target) => {
    const path = files[0] === undefined ? '' : (shell?.pathOf(files[0]) ?? '')
    if (path === '') return
    if (target?.closest('[data-drop=inspect]')) inspect(path)
    else chooseImage(path)
  })
  return (
    <Place
      title="Flash"
      actions={
        <Button variant="default" leftSection={<ScanSearch size={13} />} onClick={look}>
          Look into an image…
        </Button>
      }
    >
      <div className={styles.write} {...drop.handlers}>
        <ImagePanel />
        <DriveList />
        {drop.isOver && (
          <div className={styles.zones}>
            <div data-drop="flash">
              <Zap size={22} aria-hidden />
              Flash this image
            </div>
            <div data-drop="inspect">
              <ScanSearch size={22} aria-hidden />
              Look into it
            </div>
          </div>
        )}
      </div>
    </Place>
  )
}
