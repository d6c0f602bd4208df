import { t } from '@lingui/core/macro'
import type { ImageFacts } from '@contract/images.ts'
import { Button } from '@mantine/core'
import { ArrowLeft, CircleAlert, FolderOpen, RefreshCw, Zap } from 'lucide-react'
import { useState } from 'react'
import { useOffers } from '../../app/offers.ts'
import { useCall } from '../../app/use-call.ts'
import { WaitBar } from '../../ui/byte-bar.tsx'
import { Facts, Label } from '../../ui/chip.tsx'
import { Empty } from '../../ui/empty.tsx'
import { bytes } from '../../ui/format.ts'
import { openInspector } from '../../ui/inspector.tsx'
import { useFocusBack } from '../../ui/kept-focus.ts'
import { Place } from '../../ui/place.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { ImagePicture } from './image-picture.tsx'
import { InsideFiles } from './inside-files.tsx'
import { PackedImage } from './packed-image.tsx'
import { PartitionTable } from './partition-table.tsx'
import { fileName, imageLine } from './partition-words.ts'
import { ReadCard } from './read-card.tsx'
import { TryOnBoard } from './try-on-board.tsx'
import { useDrives } from './use-drives.ts'

/** What an image or a drive is: partitions, what boots, what the boot loader keeps, and the files in it. */
export function InspectPlace({ path, partition }: { path: string; partition: number | null }) {
  const { inspect } = useFlash()
  const [attempt, setAttempt] = useState(0)
  const { value, failure } = useCall(`images.inspect ${path} ${attempt}`, (engine, signal) => engine.images.inspect({ path }, { signal }))
  const facts = value?.facts ?? null
  const close = (): void => inspect(null)
  useOffers(() => (openInspector() === null ? { 'window.close': { run: close } } : {}))
  useFocusBack()
  const isDrive = (useDrives().value ?? []).some(({ identity }) => identity.path === path)
  return (
    <Place
      title={fileName(path)}
      summary={facts !== null && <span>{bytes(facts.sizeBytes)}</span>}
      actions={
        <>
          <Button variant="default" leftSection={<ArrowLeft size={13} />} onClick={close}>
            {t`Back`}
          </Button>
          <Button variant="default" leftSection={<RefreshCw size={13} />} onClick={() => setAttempt(attempt + 1)}>
            {t`Look again`}
          </Button>
          {!isDrive && <ImageActions path={path} />}
        </>
      }
      aside={facts !== null && hasFiles(facts, partition) && <InsideFiles key={String(partition)} path={path} partition={partition} />}
    >
      {failure !== null && (
        <Empty icon={CircleAlert} title={failure.message} text={failure.hint}>
          <Button variant="default" onClick={close}>
            {t`Back`}
          </Button>
        </Empty>
      )}
      {value === null && failure === null && (
        <div className={styles.section}>
          <WaitBar label={t`Looking at it`} />
        </div>
      )}
      {value !== null && facts === null && (
        <PackedImage key={path} path={path} format={value.format} onUnpacked={() => setAttempt(attempt + 1)} />
      )}
      {facts !== null && <Whole facts={facts} path={path} partition={partition} />}
      {isDrive && <ReadCard key={path} path={path} />}
    </Place>
  )
}

function ImageActions({ path }: { path: string }) {
  const { chooseImage } = useFlash()
  return (
    <>
      <TryOnBoard path={path} />
      <Button leftSection={<Zap size={13} />} onClick={() => chooseImage(path)}>
        {t`Flash this image`}
      </Button>
    </>
  )
}

function Whole({ facts, path, partition }: { facts: ImageFacts; path: string; partition: number | null }) {
  const { table, fileSystem } = facts
  return (
    <div className={styles.inspect}>
      <section className={styles.section} aria-label={t`Layout`}>
        <p className={styles.line}>{imageLine(facts)}</p>
        <ImagePicture facts={facts} />
        {table?.warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            {warning}
          </p>
        ))}
      </section>
      {table !== null && <PartitionTable facts={facts} chosen={partition} path={path} />}
      {fileSystem !== null && (
        <section className={styles.section} aria-label={t`File system`}>
          <Label>{t`File system`}</Label>
          <Facts
            rows={[
              [t`kind`, fileSystem.kind],
              [t`label`, fileSystem.label || '-'],
              [
                'UUID',
                <span key="uuid" className="mono">
                  {fileSystem.uuid || '-'}
                </span>,
              ],
              [t`free`, fileSystem.freeBytes === null ? '-' : t`${bytes(fileSystem.freeBytes)} of ${bytes(fileSystem.sizeBytes)}`],
              [t`artifact name`, fileSystem.artifactName ?? '-'],
            ]}
          />
          {fileSystem.problem !== null && <p className={styles.warning}>{fileSystem.problem}</p>}
          {fileSystem.problem === null && partition === null && <BareFiles path={path} />}
        </section>
      )}
      <Environment facts={facts} />
    </div>
  )
}

function BareFiles({ path }: { path: string }) {
  const { inspect } = useFlash()
  return (
    <Button mt="sm" variant="default" leftSection={<FolderOpen size={13} />} onClick={() => inspect(path, 0)}>
      {t`Files…`}
    </Button>
  )
}

/** Whether the files of the chosen place can be shown; 0 is the whole of an image without partitions. */
function hasFiles({ table, fileSystem }: ImageFacts, partition: number | null): boolean {
  if (partition === 0) return table === null && fileSystem?.problem === null
  return table?.partitions.find(({ number }) => number === partition)?.fileSystem?.problem === null
}

/** The variables of Mender first: they decide which slot boots. */
function Environment({ facts: { ubootEnvironments, grubEnvironment } }: { facts: ImageFacts }) {
  const uboot = ubootEnvironments.find(({ isCurrent }) => isCurrent)
  const shown = [
    uboot && {
      title: t`U-Boot environment`,
      where: copyWords(t`${bytes(uboot.sizeBytes)} at byte ${uboot.startBytes}`, uboot.isRedundant, ubootEnvironments.length),
      variables: uboot.variables,
    },
    grubEnvironment && {
      title: t`GRUB environment`,
      where: t`${grubEnvironment.path} on partition ${grubEnvironment.partition}`,
      variables: grubEnvironment.variables,
    },
  ].filter((each) => each !== null && each !== undefined)
  return shown.map(({ title, where, variables }) => (
    <section key={title} className={styles.section} aria-label={title}>
      <Label>{title}</Label>
      <p className={styles.line}>{where}</p>
      <Facts rows={byMender(variables).map(([name, value]) => [name, <code key={name}>{value}</code>])} />
    </section>
  ))
}

function copyWords(where: string, isRedundant: boolean, count: number): string {
  if (!isRedundant) return where
  return count > 1 ? t`${where}, the newer of two copies` : t`${where}, one of two copies; the other is not there, or damaged`
}

function byMender(variables: Readonly<Record<string, string>>): [string, string][] {
  const rank = (name: string): number => (/^(mender_|upgrade_available|bootcount|bootlimit)/.test(name) ? 0 : 1)
  return Object.entries(variables).toSorted(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
}
