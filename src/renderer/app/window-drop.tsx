import { t } from '@lingui/core/macro'
import { FolderOpen } from 'lucide-react'
import type { ReactNode } from 'react'
import { DropZone, DropZones } from '../ui/drop-zones.tsx'
import { useFileDrop } from '../ui/file-drop.ts'
import { useOpenFiles } from './file-openers.ts'
import { shell } from './shell.ts'

/** Takes what is dropped where nothing more particular takes it, and opens it where it belongs. */
export function WindowDrop({ className, children }: { className: string | undefined; children: ReactNode }) {
  const openFiles = useOpenFiles()
  const drop = useFileDrop((files) => openFiles(files.map((file) => shell?.pathOf(file) ?? '').filter((path) => path !== '')))
  // A browser tells no paths: there the library and the cards take uploads.
  if (shell === null) return <main className={className}>{children}</main>
  return (
    <main className={className} {...drop.handlers}>
      {children}
      {drop.isOver && (
        <DropZones>
          <DropZone name="open" icon={<FolderOpen size={22} aria-hidden />}>
            {t`Open: an artifact, a card image, a recipe or layout, a work order, a list of devices`}
          </DropZone>
        </DropZones>
      )}
    </main>
  )
}
