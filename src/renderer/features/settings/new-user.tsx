import { t } from '@lingui/core/macro'
import { type UserRole, userRole } from '@contract/roles.ts'
import { ROLE_WORDS } from '../../app/rule-words.ts'
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { NewPasswordInput, isLongEnough } from './passwords.tsx'
import styles from './settings.module.css'

/** Makes a user. */
export function NewUser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={t`Add user`} closeButtonProps={{ 'aria-label': t`Close` }}>
      <UserForm onDone={onClose} />
    </Modal>
  )
}

function UserForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<UserRole>('operator')
  const [password, setPassword] = useState('')
  const add = useAction((engine) => engine.users.add({ name: name.trim(), password, role }), onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    add.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        data-autofocus
        label={t`Name`}
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Radio.Group label={t`Role`} value={role} onChange={(value) => setRole(userRole.parse(value))}>
        <Stack gap={8} mt={4}>
          {userRole.options.map((each) => (
            <Radio key={each} size="xs" value={each} label={each} description={ROLE_WORDS[each]} />
          ))}
        </Stack>
      </Radio.Group>
      <NewPasswordInput value={password} onChange={setPassword} />
      <Group justify="flex-end">
        <Button type="submit" disabled={name.trim() === '' || !isLongEnough(password)} loading={add.isBusy}>
          {t`Add user`}
        </Button>
      </Group>
    </form>
  )
}
