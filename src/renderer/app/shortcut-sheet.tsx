import { Kbd, Modal, Table } from '@mantine/core'
import { SHORTCUTS } from './use-shortcuts.ts'
import { useWindow } from './window-state.ts'

export function ShortcutSheet() {
  const { sheet, showSheet } = useWindow()
  return (
    <Modal opened={sheet === 'shortcuts'} onClose={() => showSheet(null)} title="Shortcuts" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table verticalSpacing={5}>
        <Table.Tbody>
          {SHORTCUTS.map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td w={120}>
                <Kbd>{keys}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
