import { t } from '@lingui/core/macro'
import { KIND_SHAPES, newArtifactKind } from '@contract/new-artifact-kinds.ts'
import { Select, TagsInput, TextInput } from '@mantine/core'
import type { Draft, Field } from './new-artifact-draft.ts'
import { COMPRESSIONS, KIND_WORDS, type OwnField, ownWords } from './new-artifact-words.ts'
import styles from './new-artifact.module.css'
import { shell } from '../../app/shell.ts'
import { SigningKeySelect } from '../../app/signing-key-select.tsx'
import { PathField, TextField } from './text-fields.tsx'
import { useKnownTypes } from './use-known-types.ts'

interface FieldsProps {
  draft: Draft
  onChange: (draft: Draft) => void
  /** What to say of a field. */
  problem: (field: Field) => string | undefined
}

/** What is being made. */
export function KindChoice({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) {
  return (
    <fieldset className={styles.kinds}>
      <legend className="sr-only">{t`Kind of artifact`}</legend>
      {newArtifactKind.options.map((kind) => {
        const { title, icon: Icon } = KIND_WORDS[kind]
        return (
          <label key={kind} className={styles.kind} data-chosen={kind === draft.kind}>
            <input
              type="radio"
              name="kind"
              data-autofocus={kind === draft.kind || undefined}
              checked={kind === draft.kind}
              onChange={() => onChange({ ...draft, kind })}
            />
            <Icon size={15} strokeWidth={1.6} aria-hidden />
            {title}
          </label>
        )
      })}
    </fieldset>
  )
}

/** What goes in: the files, and what the kind asks for besides. */
export function ContentFields({ draft, onChange, problem }: FieldsProps) {
  const { about, paths: label } = KIND_WORDS[draft.kind]
  const { paths, isFolder, required, optional } = KIND_SHAPES[draft.kind]
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>{t`Content`}</legend>
      <p className={styles.about}>{about}</p>
      {label !== null && (
        <PathField
          label={label}
          placeholder={isFolder || shell === null ? t`Choose it, or type its path` : t`Drop it here, choose it, or type its path`}
          isSeveral={paths.most > 1}
          isFolder={isFolder}
          draft={draft}
          field="paths"
          problem={problem('paths')}
          onChange={onChange}
        />
      )}
      {[...required, ...optional].map((field) => (
        <OwnInput key={field} field={field} draft={draft} problem={problem} onChange={onChange} />
      ))}
    </fieldset>
  )
}

function OwnInput({ field, draft, problem, onChange }: FieldsProps & { field: OwnField }) {
  const { label, placeholder, isLines = false, path } = ownWords(field)
  const shared = { label, placeholder, draft, field, problem: problem(field), onChange }
  return path === undefined ? (
    <TextField {...shared} isLines={isLines} />
  ) : (
    <PathField {...shared} isSeveral={false} isFolder={path === 'folder'} />
  )
}

/** What the artifact says of itself. */
export function HeaderFields({ draft, onChange, problem }: FieldsProps) {
  const types = useKnownTypes()
  const compression = COMPRESSIONS.find(({ value }) => value === draft.compression)
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>{t`Header`}</legend>
      <TextInput
        label={t`Artifact name`}
        placeholder="myapp-v2"
        value={draft.name}
        error={problem('name')}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      <TagsInput
        label={t`Device types`}
        placeholder={draft.deviceTypes.length === 0 ? t`Type one, then Enter` : undefined}
        data={types}
        value={draft.deviceTypes}
        error={problem('deviceTypes')}
        acceptValueOnBlur
        onChange={(deviceTypes) => onChange({ ...draft, deviceTypes })}
      />
      <Select
        label={t`Compression`}
        data={COMPRESSIONS}
        value={draft.compression}
        allowDeselect={false}
        description={compression?.about}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        renderOption={({ option }) => <CompressionOption value={option.value} />}
        onChange={(value) => onChange({ ...draft, compression: COMPRESSIONS.find((each) => each.value === value)?.value ?? 'gzip' })}
      />
      <SigningKeySelect value={draft.keyId} problem={problem('keyId')} onChange={(keyId) => onChange({ ...draft, keyId })} />
    </fieldset>
  )
}

function CompressionOption({ value }: { value: string }) {
  return (
    <span className={styles.option}>
      {value}
      <span>{COMPRESSIONS.find((each) => each.value === value)?.about}</span>
    </span>
  )
}

const SOFTWARE = [
  ['softwareFilesystem', t`Software file system`, 'rootfs-image'],
  ['softwareName', t`Software name`, t`of the kind`],
  ['softwareVersion', t`Software version`, t`the artifact name`],
] as const

const RULES = [
  ['provides', t`Provides`, t`KEY:VALUE, one a line`],
  ['depends', t`Depends`, t`KEY:VALUE, one a line`],
  ['clearsProvides', t`Clears provides`, t`A pattern a line`],
  ['dependsNames', t`Only over these artifacts`, t`An artifact name a line`],
  ['group', t`Puts the device into a group`, t`None`],
  ['dependsGroups', t`Only in these groups`, t`A group a line`],
] as const

/** What most artifacts leave to the defaults. */
export function MoreFields({ draft, onChange, problem }: FieldsProps) {
  const isBootstrap = draft.kind === 'bootstrap-artifact'
  const hasRules = RULES.some(([field]) => problem(field) !== undefined)
  const hasSoftware = SOFTWARE.some(([field]) => problem(field) !== undefined) || problem('scripts') !== undefined
  const shared = { draft, onChange }
  return (
    <>
      {(!isBootstrap || hasSoftware) && (
        <details className={styles.more} open={hasSoftware || undefined}>
          <summary>{t`Version and state scripts`}</summary>
          <div className={styles.software}>
            {SOFTWARE.map(([field, label, placeholder]) => (
              <TextField key={field} {...shared} {...{ field, label, placeholder }} isLines={false} problem={problem(field)} />
            ))}
          </div>
          <div className={styles.scripts}>
            <PathField
              {...shared}
              field="scripts"
              label={t`State scripts`}
              placeholder={t`A path a line: files or folders`}
              isSeveral
              isFolder={false}
              problem={problem('scripts')}
            />
          </div>
        </details>
      )}
      <details className={styles.more} open={hasRules || undefined}>
        <summary>{t`Provides, depends and groups`}</summary>
        <div className={styles.lists}>
          {RULES.map(([field, label, placeholder]) => (
            <TextField key={field} {...shared} {...{ field, label, placeholder }} isLines={field !== 'group'} problem={problem(field)} />
          ))}
        </div>
      </details>
    </>
  )
}
