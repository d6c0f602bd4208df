import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { Cpu } from 'lucide-react'
import { May } from '../../app/may.tsx'
import { useWindow } from '../../app/window-state.ts'

/** Boots a copy of the image in QEMU, before it is written to a card. */
export function TryOnBoard({ path }: { path: string }) {
  const askBoard = useWindow((state) => state.askBoard)
  return (
    <May group="boards">
      <Button variant="default" leftSection={<Cpu size={13} />} onClick={() => askBoard(path)}>
        {t`Try on a virtual board…`}
      </Button>
    </May>
  )
}
