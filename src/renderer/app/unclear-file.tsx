import type { OpenKind } from '@contract/opened.ts'
import { Button, Modal, Stack } from '@mantine/core'
import { openAs, useUnclearFiles } from './file-openers.ts'

const WORDS: Readonly<Record<OpenKind, string>> = {
  artifact: 'An artifact',
  image: 'A card image',
  'work-order': 'A work order for the station',
  preauthorization: 'Devices to be preauthorized',
  recipe: 'A recipe to provision a board with',
  layout: 'A layout of a card',
  'flash-recipe': 'A recipe to flash cards with',
}

/** Asks what a file is that could be several things. */
export function UnclearFileDialog() {
  const {
    files: [file],
    next,
  } = useUnclearFiles()
  return (
    <Modal opened={file !== undefined} onClose={next} title="What is this file?" size="sm" closeButtonProps={{ 'aria-label': 'Close' }}>
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
