import { plural, t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CirclePlay, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { PauseAnswer } from '@contract/deployments.ts'
import { Confirm } from '../ui/confirm.tsx'
import { pausedCount } from '../ui/deployment-states.ts'
import { useDeployments } from './facts.tsx'
import { useAction } from './use-action.ts'

/** Answers for the devices of a deployment that wait at a pause point; nothing while none waits for this server. */
export function PauseButtons({ deploymentId }: { deploymentId: string }) {
  const [isAsking, setAsking] = useState(false)
  const deployment = useDeployments().value?.find(({ id }) => id === deploymentId)
  const answer = useAction(
    (engine, action: PauseAnswer) => engine.deployments.answerPause({ id: deploymentId, action }),
    (_done, action) =>
      notifications.show({
        title: action === 'fail' ? t`The update will fail and be undone` : t`The update goes on`,
        message: t`Devices hear it when they next ask.`,
        withBorder: true,
        color: 'gray',
        autoClose: 3500,
      }),
  )
  if (deployment === undefined || !deployment.isPausing || pausedCount(deployment.statistics) === 0) return null
  const { deviceCount, name } = deployment
  const isOne = deviceCount === 1
  return (
    <>
      <Button leftSection={<CirclePlay size={14} />} loading={answer.isBusy} onClick={() => answer.run('continue')}>
        {isOne ? t`Continue` : t`Continue all`}
      </Button>
      <Button variant="default" leftSection={<Undo2 size={14} />} disabled={answer.isBusy} onClick={() => setAsking(true)}>
        {isOne ? t`Fail…` : t`Fail all…`}
      </Button>
      <Confirm
        title={t`Let ${name} fail?`}
        action={t`Fail`}
        isOpen={isAsking}
        onConfirm={() => answer.run('fail')}
        onClose={() => setAsking(false)}
      >
        {t`${plural(pausedCount(deployment.statistics), { one: '# device', other: '# devices' })} that waits, and each that comes to a pause point later, undoes the update and goes back to what it ran.`}
      </Confirm>
    </>
  )
}
