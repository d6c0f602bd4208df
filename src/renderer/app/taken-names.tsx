import { plural, t } from '@lingui/core/macro'
import { Button, Group, Modal } from '@mantine/core'
import { useTakenNames } from './bring-files.ts'

/** Asks before an upload would take the place of files. */
export function TakenNames() {
  const { asked: plan, answer } = useTakenNames()
  const taken = plan?.files.filter(({ isThere }) => isThere) ?? []
  const names = taken.map(({ name }) => name).join(', ')
  const other = (plan?.files.find(({ name }) => !name.endsWith('.bmap')) ?? plan?.files[0])?.otherName ?? ''
  return (
    <Modal
      opened={plan !== null}
      onClose={() => answer(null)}
      title={plural(taken.length, { one: 'This file is there already', other: 'These files are there already' })}
      withCloseButton={false}
      size="md"
    >
      <p>{t`${names} in ${plan?.folder ?? ''}`}</p>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={() => answer(null)}>
          {t`Cancel`}
        </Button>
        <Button color="red" onClick={() => answer('replace')}>
          {t`Replace`}
        </Button>
        <Button data-autofocus onClick={() => answer('rename')}>
          {t`Upload as ${other}`}
        </Button>
      </Group>
    </Modal>
  )
}
