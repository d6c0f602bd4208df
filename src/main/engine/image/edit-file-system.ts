import { editExt4 } from './ext4-edit.ts'
import { isExt4 } from './ext4-volume.ts'
import { editFat } from './fat-edit.ts'
import { isFat } from './fat-volume.ts'
import type { EditImage, EditableFileSystem } from './file-system.ts'

/** The file system that an image is, to be changed; null when it is none of ext2, 3, 4 and FAT. ARTIFACT_INVALID when it is damaged. */
export async function editFileSystem(image: EditImage, changedAt: number): Promise<EditableFileSystem | null> {
  if (await isExt4(image.read)) return editExt4(image, { changedAt })
  return (await isFat(image.read)) ? editFat(image) : null
}
