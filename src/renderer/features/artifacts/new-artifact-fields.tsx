import { Button, SegmentedControl, Select, TagsInput, Textarea, TextInput } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { useConnection } from '../../app/connection-context.tsx'
import { useKeys } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { type Draft, type Field, FORM_KINDS, withFiles } from './new-artifact-draft.ts'
import styles from './new-artifact.module.css'
import { useKnownTypes } from './use-known-types.ts'

interface FieldsProps {
  draft: Draft
  onChange: (draft: Draft) => void
  /** What to say of a field. */
  problem: (field: Field) => string | undefined
}

const KINDS: Readonly<Record<Draft['kind'], { title: string; file: string; about: string }>> = {
  'single-file': { title: 'Single file', file: 'File', about: 'One file, put into a folder of the device.' },
  script: { title: 'Script', file: 'Scripts, one path a line', about: 'Programs that the device runs once, by name.' },
  'rootfs-image': { title: 'Root file system', file: 'Image', about: 'A whole system for the other slot; the device reboots into it.' },
}

/** What goes in: the kind and its files. */
export function ContentFields({ draft, onChange, problem }: FieldsProps) {
  const { about } = KINDS[draft.kind]
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>Content</legend>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label="Kind of artifact"
        value={draft.kind}
        onChange={(value) => onChange({ ...draft, kind: FORM_KINDS.find((kind) => kind === value) ?? draft.kind })}
        data={FORM_KINDS.map((kind) => ({ value: kind, label: KINDS[kind].title }))}
      />
      <p className={styles.about}>{about}</p>
      <PathsField draft={draft} onChange={onChange} problem={problem} />
      {draft.kind === 'single-file' && (
        <TextInput
          label="Folder on the device"
          placeholder="/etc/myapp"
          value={draft.destination}
          error={problem('destination')}
          onChange={(event) => onChange({ ...draft, destination: event.currentTarget.value })}
        />
      )}
    </fieldset>
  )
}

function PathsField({ draft, onChange, problem }: FieldsProps) {
  const { desktop } = useConnection()
  const { file: label } = KINDS[draft.kind]
  const isSeveral = draft.kind === 'script'
  const pick = useAction(
    () => desktop?.pickFiles({ title: 'Content of the artifact', isSeveral }) ?? Promise.resolve({ paths: [] }),
    ({ paths }) => onChange(withFiles(draft, paths)),
  )
  const shared = {
    label,
    value: draft.paths,
    error: problem('paths'),
    placeholder: 'Drop it here, choose it, or type its path',
    classNames: { input: styles.mono },
    onChange: (event: { currentTarget: { value: string } }) => onChange({ ...draft, paths: event.currentTarget.value }),
  }
  return (
    <div className={styles.paths}>
      {isSeveral ? <Textarea rows={3} {...shared} /> : <TextInput {...shared} />}
      <Button variant="default" leftSection={<FolderOpen size={13} />} onClick={() => pick.run()}>
        Choose…
      </Button>
    </div>
  )
}

/** What the artifact says of itself. */
export function HeaderFields({ draft, onChange, problem }: FieldsProps) {
  const types = useKnownTypes()
  const keys = (useKeys().value ?? []).filter((key) => key.hasPrivateKey)
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>Header</legend>
      <TextInput
        label="Artifact name"
        placeholder="myapp-v2"
        value={draft.name}
        error={problem('name')}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      <TagsInput
        label="Device types"
        placeholder={draft.deviceTypes.length === 0 ? 'Type one, then Enter' : undefined}
        data={types}
        value={draft.deviceTypes}
        error={problem('deviceTypes')}
        acceptValueOnBlur
        onChange={(deviceTypes) => onChange({ ...draft, deviceTypes })}
      />
      <div className={styles.pair}>
        <Select
          label="Compression"
          data={['none', 'gzip']}
          value={draft.compression}
          allowDeselect={false}
          onChange={(compression) => onChange({ ...draft, compression: compression === 'none' ? 'none' : 'gzip' })}
        />
        <Select
          label="Signing key"
          data={[{ value: 'none', label: 'Not signed' }, ...keys.map(({ id, name }) => ({ value: id, label: name }))]}
          value={draft.keyId ?? 'none'}
          error={problem('keyId')}
          allowDeselect={false}
          onChange={(keyId) => onChange({ ...draft, keyId: keyId === 'none' ? null : keyId })}
        />
      </div>
    </fieldset>
  )
}

const SOFTWARE = [
  ['softwareFilesystem', 'Software file system', 'rootfs-image'],
  ['softwareName', 'Software name', 'of the kind'],
  ['softwareVersion', 'Software version', 'the artifact name'],
] as const

const LISTS = [
  ['provides', 'Provides', 'KEY:VALUE, one a line'],
  ['depends', 'Depends', 'KEY:VALUE, one a line'],
  ['clearsProvides', 'Clears provides', 'A pattern a line'],
  ['scripts', 'State scripts', 'A path a line: files or folders'],
] as const

/** What most artifacts leave to the defaults. */
export function MoreFields({ draft, onChange, problem }: FieldsProps) {
  const isWrong = [...SOFTWARE, ...LISTS].some(([field]) => problem(field) !== undefined)
  return (
    <details className={styles.more} open={isWrong || undefined}>
      <summary>More</summary>
      <div className={styles.software}>
        {SOFTWARE.map(([field, label, placeholder]) => (
          <TextInput
            key={field}
            label={label}
            placeholder={placeholder}
            value={draft[field]}
            error={problem(field)}
            onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
          />
        ))}
      </div>
      <div className={styles.lists}>
        {LISTS.map(([field, label, placeholder]) => (
          <Textarea
            key={field}
            rows={2}
            label={label}
            placeholder={placeholder}
            value={draft[field]}
            error={problem(field)}
            classNames={{ input: styles.mono }}
            onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
          />
        ))}
      </div>
    </details>
  )
}
