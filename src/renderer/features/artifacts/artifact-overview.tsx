import type { Artifact } from '@contract/artifacts.ts'
import type { TermName } from '@contract/glossary.ts'
import { useWindow } from '../../app/window-state.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { bytes, moment, plural } from '../../ui/format.ts'
import { tabPanel } from '../../ui/tabs.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './artifacts.module.css'
import { CompatibilityList } from './compatibility-list.tsx'
import { ScriptTexts } from './script-texts.tsx'
import { Signature } from './signature.tsx'

/** All that the header says, and what it means for the devices here. */
export function ArtifactOverview({ artifact, isPanel }: { artifact: Artifact; isPanel: boolean }) {
  const depends = Object.entries(artifact.depends).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const)
  return (
    <section className={styles.scroll} {...(isPanel ? tabPanel('overview') : { tabIndex: 0, 'aria-label': 'Content' })}>
      {artifact.warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          {warning}
        </p>
      ))}
      <Header artifact={artifact} />
      <CompatibilityList artifactId={artifact.id} />
      <Label>Payload files</Label>
      {artifact.files.map((file) => (
        <div key={file.name} className={styles.file}>
          <div className={styles.fileHead}>
            <span className="mono">{file.name}</span>
            <span>{bytes(file.sizeBytes)}</span>
          </div>
          <div className={styles.sum}>
            sha256 <CopyText text={file.sha256} label="the checksum" />
          </div>
        </div>
      ))}
      {artifact.files.length === 0 && <p className="dim">None.</p>}
      <Pairs title="Provides" term="provides" rows={Object.entries(artifact.provides)} />
      <Pairs title="Depends" term="depends" rows={depends} />
      <Pairs title="Depends on artifacts" rows={artifact.dependsNames.map((name) => ['one of', name])} />
      <Pairs title="Depends on groups" rows={artifact.dependsGroups.map((name) => ['one of', name])} />
      <Names title="Clears provides" term="clears provides" names={artifact.clearsProvides ?? []} />
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
      <Label term="meta-data">Meta-data</Label>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre className={styles.scriptText} tabIndex={0} aria-label="Meta-data">
        {JSON.stringify(metaData, null, 2)}
      </pre>
    </>
  )
}

function Header({ artifact }: { artifact: Artifact }) {
  const now = useNow()
  return (
    <>
      <Label>Header</Label>
      <Facts
        rows={[
          ['signature', <SignatureFact key="signature" signature={artifact.signature} />],
          ['device types', artifact.deviceTypes.join(', ')],
          ['format', `Mender artifact, version ${artifact.formatVersion}, ${artifact.compression}`],
          ['group', artifact.group ?? 'none'],
          ['size', `${bytes(artifact.sizeBytes)} (${artifact.sizeBytes} bytes)`],
          ['sha256', <CopyText key="sha256" text={artifact.sha256} label="the checksum" />],
          ['installed on', plural(artifact.installedCount, 'device')],
          ['added', moment(artifact.addedAt, now)],
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
          {signature.verifiedBy === null ? 'Import its public key' : 'Keys'}
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
