import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { type Upload, useUploads } from '../../app/transfers.ts'
import { useRate } from '../../app/use-rate.ts'
import { ByteBar } from '../../ui/byte-bar.tsx'
import { bytes, span } from '../../ui/format.ts'
import styles from './flash.module.css'

/** What is on its way from this computer to the machine of the bench: each with how far it is, how fast, and a way to stop it. */
export function ImageUploads() {
  const uploads = useUploads().uploads.filter(({ folder }) => folder !== null)
  if (uploads.length === 0) return null
  return (
    <ul className={styles.uploads} aria-label={t`On their way to the machine of the bench`}>
      {uploads.map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
    </ul>
  )
}

function UploadRow({ upload: { name, folder, doneBytes, totalBytes, cancel } }: { upload: Upload }) {
  const { perSecond, leftMs } = useRate({ progress: { done: doneBytes, total: totalBytes, unit: 'bytes' }, step: 0 })
  const title = t`Upload ${name}`
  return (
    <li className={styles.upload}>
      <div className={styles.chosenHead}>
        <span className={styles.strong}>{title}</span>
        <Button size="compact-sm" variant="default" aria-label={t`Cancel: ${title}`} onClick={cancel}>
          {t`Cancel`}
        </Button>
      </div>
      <p className={styles.folder} title={folder ?? ''}>
        {t`to ${folder ?? ''}`}
      </p>
      <ByteBar doneBytes={doneBytes} totalBytes={totalBytes} label={title} />
      <p className={`figures ${styles.pace}`}>
        {perSecond !== null && <span>{`${bytes(perSecond)}/s`}</span>}
        {leftMs !== null && <span>{t`${span(leftMs)} left`}</span>}
      </p>
    </li>
  )
}
