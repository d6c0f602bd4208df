import type { Artifact } from '@contract/artifacts.ts'
import { FileBrowser } from '../../app/file-browser.tsx'

/** Whether the payload may be a file system that can be looked into. */
export function hasFileSystem({ payloadType, files }: Artifact): boolean {
  return payloadType === 'rootfs-image' || files.some(({ name }) => /\.(ext[234]|img|fat|vfat)$/i.test(name))
}

/** The files inside the payload of an artifact. */
export function PayloadFiles({ artifactId: id }: { artifactId: string }) {
  return (
    <FileBrowser
      inside={{
        key: `artifact ${id}`,
        list: (engine, path, signal) => engine.artifacts.files({ id, path }, { signal }),
        text: (engine, path, signal) => engine.artifacts.fileText({ id, path }, { signal }),
      }}
    />
  )
}
