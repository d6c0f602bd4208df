import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { TermName } from '@contract/glossary.ts'
import { useWindow } from '../../app/window-state.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { bytes } from '../../ui/format.ts'
import { tabPanel } from '../../ui/tabs.tsx'
import { Moment } from '../../ui/moment.tsx'
import styles from './artifacts.module.css'
import { CompatibilityList } from './compatibility-list.tsx'
import { ScriptTexts } from './script-texts.tsx'
import { Signature } from './signature.tsx'

/** All that the header says, and what it means for the devices here. */
export function ArtifactOverview({ artifact, isPanel }: { artifact: Artifact; isPanel: boolean }) {
  const depends = Object.entries(artifact.depends).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const)
  return (
    <section className={styles.scroll} {...(isPanel ? tabPanel('overview') : { tabIndex: 0, 'aria-label': t`Content` })}>
      {artifact.warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          {warning}
        </p>
      ))}
      <Header artifact={artifact} />
      <CompatibilityList artifactId={artifact.id} />
      <Label>{t`Payload files`}</Label>
      {artifact.files.map((file) => (
        <div key={file.name} className={styles.file}>
          <div className={styles.fileHead}>
            <span className="mono">{file.name}</span>
            <span>{bytes(file.sizeBytes)}</span>
          </div>
          <div className={styles.sum}>
            {t`sha256`} <CopyText text={file.sha256} label={t`the checksum`} />
          </div>
        </div>
      ))}
      {artifact.files.length === 0 && <p className="dim">{t`None.`}</p>}
      <Pairs title={t`Provides`} term="provides" rows={Object.entries(artifact.provides)} />
      <Pairs title={t`Depends`} term="depends" rows={depends} />
      <Pairs title={t`Depends on artifacts`} rows={artifact.dependsNames.map((name) => [t`one of`, name])} />
      <Pairs title={t`Depends on groups`} rows={artifact.dependsGroups.map((name) => [t`one of`, name])} />
      <Names title={t`Clears provides`} term="clears provides" names={artifact.clearsProvides ?? []} />
      <MetaData metaData={artifact.metaData} />
      <ScriptTexts key={artifact.id} artifact={artifact} />
    </section>
  )
}

/** What the update module gets besides the files. */
function MetaData({ metaData }: Pick<Artifact, 'metaData'>) {
  if (metaData === null || Object.keys(metaData).length === 0) return null
  return (
    <>
      <Label term="meta-data">{t`Meta-data`}</Label>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre className={styles.scriptText} tabIndex={0} aria-label={t`Meta-data`}>
        {JSON.stringify(metaData, null, 2)}
      </pre>
    </>
  )
}

function Header({ artifact }: { artifact: Artifact }) {
  return (
    <>
      <Label>{t`Header`}</Label>
      <Facts
        rows={[
          [t`signature`, <SignatureFact key="signature" signature={artifact.signature} />],
          [t`device types`, artifact.deviceTypes.join(', ')],
          [t`format`, t`Mender artifact, version ${artifact.formatVersion}, ${artifact.compression}`],
          [t`group`, artifact.group ?? t`none`],
          [t`size`, t`${bytes(artifact.sizeBytes)} (${artifact.sizeBytes} bytes)`],
          ['sha256', <CopyText key="sha256" text={artifact.sha256} label={t`the checksum`} />],
          [t`installed on`, plural(artifact.installedCount, { one: '# device', other: '# devices' })],
          [t`added`, <Moment key="added" at={artifact.addedAt} />],
        ]}
      />
    </>
  )
}

/** Who signed it, with the way to that key, or to the place where it is imported. */
function SignatureFact({ signature }: Pick<Artifact, 'signature'>) {
  const { showKeys } = useWindow()
  return (
    <>
      <Signature signature={signature} />
      {signature.present && (
        <button type="button" className={styles.link} onClick={showKeys}>
          {signature.verifiedBy === null ? t`Import its public key` : t`Keys`}
        </button>
      )}
    </>
  )
}

function Pairs({ title, term, rows }: { title: string; term?: TermName; rows: readonly (readonly [string, string])[] }) {
  if (rows.length === 0) return null
  return (
    <>
      <Label term={term}>{title}</Label>
      <Facts
        rows={rows.map(([name, value]) => [
          name,
          <span key={name} className="mono">
            {value}
          </span>,
        ])}
      />
    </>
  )
}

function Names({ title, term, names }: { title: string; term: TermName; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <>
      <Label term={term}>{title}</Label>
      <ul className={styles.names}>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </>
  )
}
