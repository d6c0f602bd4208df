import { t } from '@lingui/core/macro'
import { Button, Group, Kbd, Modal, Table } from '@mantine/core'
import { ACTION_IDS, actionOf, MOVES, type Scope } from './actions.ts'
import { keysOf, useBindings } from './key-bindings.ts'
import { shownChord } from './keys.ts'
import styles from './shortcut-sheet.module.css'
import { useWindow } from './window-state.ts'

/** Where a key is heard, in the words of the sheet. */
export const SCOPES: readonly (readonly [Scope, string])[] = [
  ['window', t`Everywhere`],
  ['bench', t`On a device of the Bench`],
  ['artifacts', t`On an artifact of the library`],
  ['jobs', t`On a job`],
]

/** All keys as they are now. */
export function ShortcutSheet() {
  const { sheet, showSheet, showSettings } = useWindow()
  const close = (): void => showSheet(null)
  return (
    <Modal opened={sheet === 'shortcuts'} onClose={close} title={t`Shortcuts`} size={800} closeButtonProps={{ 'aria-label': t`Close` }}>
      <div className={styles.columns}>
        {SCOPES.map(([scope, words]) => (
          <Keys key={scope} scope={scope} title={words} />
        ))}
        <section className={styles.section}>
          <h3 className={styles.title}>{t`In lists`}</h3>
          <Rows rows={MOVES} />
        </section>
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={() => showSheet('glossary')}>
          {t`Glossary`}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            close()
            showSettings('keys')
          }}
        >
          {t`Change keys…`}
        </Button>
      </Group>
    </Modal>
  )
}

function Keys({ scope, title }: { scope: Scope; title: string }) {
  const bindings = useBindings()
  const rows = ACTION_IDS.filter((id) => actionOf(id).scope === scope).flatMap((id) => {
    const keys = keysOf(id, bindings)
    const { section, title: name } = actionOf(id)
    return keys.length === 0
      ? []
      : [[keys.map(shownChord).join(t` or `), section === 'Go' ? t`Go to ${name}` : name.replace(/…$/, '')] as const]
  })
  if (rows.length === 0) return null
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      <Rows rows={rows} />
    </section>
  )
}

function Rows({ rows }: { rows: readonly (readonly [keys: string, what: string])[] }) {
  return (
    <Table verticalSpacing={4} horizontalSpacing={0}>
      <Table.Tbody>
        {rows.map(([keys, what]) => (
          <Table.Tr key={what}>
            <Table.Td>{what}</Table.Td>
            <Table.Td align="right">
              <Kbd className={styles.keys}>{keys}</Kbd>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
