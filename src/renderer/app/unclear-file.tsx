import { t } from '@lingui/core/macro'
import type { OpenKind } from '@contract/opened.ts'
import { Button, Modal, Stack } from '@mantine/core'
import { openAs, useUnclearFiles } from './file-openers.ts'

const WORDS: Readonly<Record<OpenKind, string>> = {
  artifact: t`An artifact`,
  image: t`A card image`,
  'work-order': t`A work order for the station`,
  preauthorization: t`Devices to be preauthorized`,
  recipe: t`A recipe to provision a board with`,
  layout: t`A layout of a card`,
  'flash-recipe': t`A recipe to flash cards with`,
}

/** Asks what a file is that could be several things. */
export function UnclearFileDialog() {
  const {
    files: [file],
    next,
  } = useUnclearFiles()
  return (
    <Modal opened={file !== undefined} onClose={next} title={t`What is this file?`} size="sm" closeButtonProps={{ 'aria-label': t`Close` }}>
      <p className="mono">{file?.path.slice(file.path.lastIndexOf('/') + 1)}</p>
      <Stack gap="xs">
        {file?.kinds.map((kind) => (
          <Button
            key={kind}
            variant="default"
            onClick={() => {
              next()
              openAs(kind, [file.path])
            }}
          >
            {WORDS[kind]}
          </Button>
        ))}
      </Stack>
    </Modal>
  )
}
