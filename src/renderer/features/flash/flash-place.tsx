import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { Factory, HardDrive, ScanSearch, Zap } from 'lucide-react'
import { bringFiles } from '../../app/bring-files.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { useFlashes } from '../../app/facts.tsx'
import { useRefusal } from '../../app/may.tsx'
import { useMachine } from '../../app/machine.ts'
import { shell } from '../../app/shell.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { DropZone, DropZones } from '../../ui/drop-zones.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { Empty } from '../../ui/empty.tsx'
import { Place } from '../../ui/place.tsx'
import { ComposeDialog } from './compose-dialog.tsx'
import { DriveList } from './drive-list.tsx'
import { FlashFoot } from './flash-foot.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { ImagePanel } from './image-panel.tsx'
import { InspectPlace } from './inspect-place.tsx'
import { Lanes } from './lanes.tsx'
import { useDrives } from './use-drives.ts'
import { useImage } from './use-image.ts'
import { usePickImage } from './use-pick-image.ts'
import { useRecipe } from './use-recipe.ts'

/** Images onto cards: what is written, onto which drives, and how it goes. */
export function FlashPlace() {
  const { inspected } = useFlash()
  const machine = useMachine()
  if (machine === null) return <FromAfar />
  return inspected === null ? <WritePlace /> : <InspectPlace {...inspected} />
}

/** Drives are those of the engine's machine; a browser may sit at another one. What is written there is seen all the same. */
function FromAfar() {
  const why = useRefusal('flash')
  const drives = useDrives()
  const isAtWork = (useFlashes().value ?? []).length > 0
  return (
    <Place title={t`Flash`}>
      {isAtWork && (
        <div className={styles.write}>
          <Lanes drives={drives.value ?? []} />
        </div>
      )}
      {!isAtWork && (
        <Empty
          icon={HardDrive}
          title={t`Cards are flashed where they are plugged in`}
          text={
            why ?? t`Open the app on that machine, use otabench flash IMAGE --to DRIVE there, or start otabench serve --ui --share-machine.`
          }
        />
      )}
    </Place>
  )
}

function WritePlace() {
  const { imagePath, inspect } = useFlash()
  const { askStation } = useWindow()
  const drives = useDrives()
  const image = useImage(imagePath)
  const recipe = useRecipe()
  const look = usePickImage(t`Look into an image`, (path) => inspect(path))
  const open = (path: string, isLook: boolean): void => (isLook ? inspect(path) : recipe.open(path))
  const bring = useBring(open)
  const drop = useFileDrop((files, target) => {
    const isLook = Boolean(target?.closest('[data-drop=inspect]'))
    const path = files[0] === undefined ? '' : (shell?.pathOf(files[0]) ?? '')
    if (path !== '') open(path, isLook)
    else if (shell === null && files.length > 0) bring(files, isLook)
  })
  return (
    <Place
      title={t`Flash`}
      actions={
        <>
          <Button variant="default" leftSection={<Factory size={13} />} onClick={() => askStation(imagePath)}>
            {t`Station…`}
          </Button>
          <Button variant="default" leftSection={<ScanSearch size={13} />} onClick={look}>
            {t`Look into an image…`}
          </Button>
        </>
      }
    >
      <div className={styles.write} {...drop.handlers}>
        <Lanes drives={drives.value ?? []} />
        <div className={styles.columns}>
          <ImagePanel image={image} recipe={recipe} />
          <DriveList drives={drives} />
        </div>
        <ComposeDialog />
        <FlashFoot image={image} drives={drives.value ?? []} />
        {drop.isOver && (
          <DropZones>
            <DropZone name="flash" icon={<Zap size={22} aria-hidden />}>
              {shell === null ? t`Upload this image and flash it` : t`Flash this image`}
            </DropZone>
            <DropZone name="inspect" icon={<ScanSearch size={22} aria-hidden />}>
              {shell === null ? t`Upload it and look into it` : t`Look into it`}
            </DropZone>
          </DropZones>
        )}
      </div>
    </Place>
  )
}

/** Brings what was dropped in a browser onto the machine of the bench, then opens it. */
function useBring(open: (path: string, isLook: boolean) => void): (files: File[], isLook: boolean) => void {
  const connection = useConnection()
  const bring = useAction<[File[], boolean], string | null>(
    (_engine, files) => bringFiles(connection, { files, folder: null }),
    (path, _files, isLook) => {
      if (path !== null) open(path, isLook)
    },
  )
  return bring.run
}
