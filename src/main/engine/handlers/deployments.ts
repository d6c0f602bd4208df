import type { DeploymentPreview } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import {
  type DeploymentOrder,
  abortDeployment,
  answerPause,
  findDeployment,
  setUpdateControlMap,
  filterOf,
  noDevice,
  targetTerms,
} from '../server/deployment-actions.ts'
import { orderDeployment } from '../server/order-deployment.ts'
import { type DownloadQuery, attemptsOf, downloadFigures } from '../views/deployment-figures.ts'
import { previewDeployment } from '../views/deployment-preview.ts'
import { explainDevice, listDeployments, showDeployment } from '../views/deployment-view.ts'
import { live } from './live.ts'

/** Devices report all the time: without a rest all of them would be judged anew with each poll. */
const PREVIEW_PAUSE_MS = 1000
/** Nobody sees a plot change more often. */
const FIGURE_PAUSE_MS = 1000

function known<T>(found: T | null, id: string): T {
  if (found === null) throw new AppError('NOT_FOUND', `There is no deployment ${id}`, 'It may have been removed.')
  return found
}

type PreviewOrder = Pick<DeploymentOrder, 'artifactName' | 'target' | 'isForced'>

export function deploymentHandlers(os: Operations, { actions, sources, changes, store, rates }: EngineParts) {
  const preview = async (order: PreviewOrder): Promise<DeploymentPreview> => {
    const verdicts = await previewDeployment({ ...order, filters: targetTerms(actions, order) }, store)
    if (verdicts.length === 0 && !filterOf(actions, order)) throw noDevice(order.target)
    return verdicts
  }
  return {
    list: os.deployments.list.handler(live([changes.deployments], () => listDeployments(sources))),
    show: os.deployments.show.handler(
      live([changes.deployments, changes.devices, changes.transfers, changes.simulated], ({ id }: { id: string }) => {
        return known(showDeployment(id, sources), id)
      }),
    ),
    create: os.deployments.create.handler(({ input }) => orderDeployment(actions, input)),
    preview: os.deployments.preview.handler(live([changes.artifacts, changes.devices], preview, PREVIEW_PAUSE_MS)),
    abort: os.deployments.abort.handler(({ input }) => abortDeployment(actions, input.id)),
    explain: os.deployments.explain.handler(({ input }) => {
      return { text: known(explainDevice(input.id, input.deviceId, sources), input.id) }
    }),
    setUpdateControlMap: os.deployments.setUpdateControlMap.handler(({ input }) =>
      setUpdateControlMap(actions, input.id, input.updateControlMap),
    ),
    answerPause: os.deployments.answerPause.handler(({ input }) => answerPause(actions, input.id, input.action)),
    downloads: os.deployments.downloads.handler(
      live([changes.transfers], (query: DownloadQuery) => known(downloadFigures(query, { store, rates }), query.id), FIGURE_PAUSE_MS),
    ),
    attempts: os.deployments.attempts.handler(
      live([changes.deployments], ({ id }: { id: string }) => known(attemptsOf(id, { store }), id), FIGURE_PAUSE_MS),
    ),
    log: os.deployments.log.handler(({ input }) => {
      findDeployment(actions, input.id)
      return store.deviceDeployments.log(input.id, input.deviceId)
    }),
  }
}
