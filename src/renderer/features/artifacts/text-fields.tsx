import { t } from '@lingui/core/macro'
import { Button, Textarea, TextInput } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { type Draft, withFiles } from './new-artifact-draft.ts'
import styles from './new-artifact.module.css'

/** The fields of the form whose value is a text. */
type TextName = { [F in keyof Draft]: Draft[F] extends string ? F : never }[keyof Omit<Draft, 'kind' | 'compression'>]

interface FieldProps {
  label: string
  placeholder: string
  draft: Draft
  field: TextName
  problem: string | undefined
  onChange: (draft: Draft) => void
}

/** One line, or a line for each entry. */
export function TextField({ label, placeholder, draft, field, problem, onChange, isLines }: FieldProps & { isLines: boolean }) {
  const shared = {
    ...{ label, placeholder, error: problem, value: draft[field] },
    onChange: (event: { currentTarget: { value: string } }) => onChange({ ...draft, [field]: event.currentTarget.value }),
  }
  return isLines ? <Textarea rows={2} classNames={{ input: styles.mono }} {...shared} /> : <TextInput {...shared} />
}

interface PathFieldProps extends FieldProps {
  isSeveral: boolean
  isFolder: boolean
}

/** Paths of this machine, typed or chosen. */
export function PathField({ isSeveral, isFolder, ...rest }: PathFieldProps) {
  const { label, placeholder, draft, field, problem, onChange } = rest
  const machine = useMachine()
  const pick = useAction(
    () => machine?.pickFiles({ title: label, isSeveral, isFolder }) ?? Promise.resolve({ paths: [] }),
    ({ paths }) => {
      const [first] = paths
      if (first === undefined) return
      if (field === 'paths') onChange(withFiles(draft, paths))
      else onChange({ ...draft, [field]: isSeveral ? [draft[field], ...paths].filter((path) => path !== '').join('\n') : first })
    },
  )
  const shared = {
    ...{ label, placeholder, error: problem, value: draft[field] },
    classNames: { input: styles.mono },
    onChange: (event: { currentTarget: { value: string } }) => onChange({ ...draft, [field]: event.currentTarget.value }),
  }
  return (
    <div className={styles.paths}>
      {isSeveral ? <Textarea rows={3} {...shared} /> : <TextInput {...shared} />}
      <Button variant="default" aria-label={t`Choose: ${label}`} leftSection={<FolderOpen size={13} />} onClick={() => pick.run()}>
        {t`Choose…`}
      </Button>
    </div>
  )
}
