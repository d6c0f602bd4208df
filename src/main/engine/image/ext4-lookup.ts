import { Ext4 } from './ext4-read.ts'
import { type ReadImage, isBadImage } from './image-bytes.ts'

/**
 * Looks an absolute path up in an ext2, 3 or 4 image, following links. `unknown` where the image cannot be read: damage, a journal
 * to replay, features that are not understood.
 */
export async function lookUp(read: ReadImage, path: string): Promise<'present' | 'absent' | 'unknown'> {
  try {
    const image = await Ext4.open(read)
    return (await image.find(path)) ? 'present' : 'absent'
  } catch (thrown) {
    if (isBadImage(thrown)) return 'unknown'
    throw thrown
  }
}
