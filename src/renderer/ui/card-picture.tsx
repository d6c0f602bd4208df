import styles from './card-picture.module.css'

/** A piece of a disk as it is drawn. */
export interface PicturePart {
  key: string
  /** Short: it stands in the piece where there is room. */
  title: string
  startBytes: number
  sizeBytes: number
  /** null where it is not known. */
  usedBytes: number | null
  /** Whether the device boots from it. */
  isBooted?: boolean
}

interface CardPictureProps {
  /** In words, for who does not see it. */
  label: string
  sizeBytes: number
  parts: readonly PicturePart[]
}

/** A disk as a strip to scale: its pieces, how full each is, dotted what belongs to none. */
export function CardPicture({ label, sizeBytes, parts }: CardPictureProps) {
  const share = (count: number): string => `${(count / Math.max(1, sizeBytes)) * 100}%`
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it is made of boxes, which have texts and follow the theme
    <div className={styles.strip} role="img" aria-label={label}>
      {parts.map(({ key, title, startBytes, sizeBytes: length, usedBytes, isBooted }) => (
        <div
          key={key}
          className={styles.part}
          data-booted={isBooted}
          style={{ left: share(startBytes), width: share(length) }}
          title={title}
        >
          {usedBytes !== null && <div className={styles.used} style={{ width: `${(usedBytes / Math.max(1, length)) * 100}%` }} />}
          <span className={styles.title}>{title}</span>
        </div>
      ))}
    </div>
  )
}
