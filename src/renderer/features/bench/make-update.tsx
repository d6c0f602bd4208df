import { t } from '@lingui/core/macro'
import { BOARD_DEVICE_TYPE, updateKind, type UpdateKind } from '@contract/boards.ts'
import type { Device } from '@contract/devices.ts'
import { Button, Group, Modal, Select } from '@mantine/core'
import { Rocket } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useArtifacts, useDevices } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import { SigningKeySelect } from '../../app/signing-key-select.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { ArtifactName } from './board-fields.tsx'
import { nextName, UPDATE_KINDS } from './board-words.ts'
import { Making } from './making.tsx'

interface Made {
  id: string
  jobId: string
}

/** Makes an update for a virtual board, a good or a faulty one, to see what becomes of it. */
export function MakeUpdate() {
  const { updateFor, askUpdate } = useWindow()
  const device = useDevices().value?.find(({ id }) => id === updateFor)
  if (device === undefined) return null
  const close = (): void => askUpdate(null)
  return (
    <Modal opened onClose={close} title={t`Make an update for ${device.name}`} size="md" closeButtonProps={{ 'aria-label': t`Close` }}>
      <Content device={device} onClose={close} />
    </Modal>
  )
}

function Content({ device, onClose }: { device: Device; onClose: () => void }) {
  const [made, setMade] = useState<Made | null>(null)
  const askDeploy = useWindow((state) => state.askDeploy)
  if (made === null) return <Form device={device} onStarted={setMade} />
  function deploy(artifactId: string): void {
    onClose()
    askDeploy({ deviceIds: [device.id], artifactId })
  }
  return (
    <Making jobId={made.jobId} onAgain={() => setMade(null)}>
      <Button variant="default" onClick={onClose}>
        {t`Done`}
      </Button>
      <May group="deployments">
        <Button leftSection={<Rocket size={13} />} onClick={() => deploy(made.id)}>
          {t`Deploy…`}
        </Button>
      </May>
    </Making>
  )
}

const KINDS = updateKind.options.map((value) => ({ value, label: UPDATE_KINDS[value] }))

function Form({ device, onStarted }: { device: Device; onStarted: (made: Made) => void }) {
  const [artifactName, setArtifactName] = useState(nextName(device.artifactName ?? 'board-1'))
  const [kind, setKind] = useState<UpdateKind>('good')
  const [keyId, setKeyId] = useState<string | null>(null)
  const artifacts = useArtifacts().value ?? []
  const isTaken = artifacts.some(({ name, deviceTypes }) => name === artifactName && deviceTypes.includes(BOARD_DEVICE_TYPE))
  const make = useAction((engine) => engine.boards.makeUpdate({ artifactName, kind, keyId }), onStarted)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (!isTaken) make.run()
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <p className="dim">{t`A root file system of the same packages, as an artifact in the library.`}</p>
      <ArtifactName
        description={t`Of the new system`}
        error={isTaken ? t`The library has an artifact of this name` : null}
        value={artifactName}
        onChange={setArtifactName}
      />
      <Select
        mt="sm"
        mb="sm"
        label={t`How it turns out`}
        data={KINDS}
        value={kind}
        allowDeselect={false}
        onChange={(chosen) => setKind(chosen ?? kind)}
      />
      <SigningKeySelect value={keyId} onChange={setKeyId} />
      <Group justify="flex-end" mt="md">
        <May group="boards">
          <Button type="submit" loading={make.isBusy}>
            {t`Make it`}
          </Button>
        </May>
      </Group>
    </form>
  )
}
