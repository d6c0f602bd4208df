import type { FastifyInstance } from 'fastify'
import { openDirectUploads } from './direct-uploads.ts'
import { noteOrders, registerAudit } from './management-audit.ts'
import { registerArtifacts } from './management-artifacts.ts'
import { registerConfig } from './management-config.ts'
import { registerConnect } from './management-connect.ts'
import { registerDeployments } from './management-deployments.ts'
import { registerDevauth } from './management-devauth.ts'
import { registerFilters } from './management-filters.ts'
import { type ManagementParts, requireScope, requireUser } from './management-guard.ts'
import { registerGroups } from './management-groups.ts'
import { registerInventory } from './management-inventory.ts'
import { registerArtifactLinks } from './management-links.ts'
import { registerReleases } from './management-releases.ts'
import { registerSettings } from './management-settings.ts'
import { registerUploadTarget, registerUploads } from './management-uploads.ts'
import { registerLogin, registerUseradm } from './management-useradm.ts'
import { answerProblems } from './problem.ts'

const PREFIX = '/api/management'
const JSON_LIMIT_BYTES = 1024 * 1024

/** Mender's management API (v1 and v2), below /api/management. Everything but the login and signed links needs a user's token. */
export function registerManagement(app: FastifyInstance, parts: ManagementParts): void {
  app.register(
    async (scope) => {
      scope.decorateRequest('visitor', null)
      acceptEmptyJson(scope)
      answerProblems(scope)
      scope.addHook('onRequest', async (request, reply) => void reply.header('x-men-requestid', request.id))
      registerLogin(scope, parts)
      registerArtifactLinks(scope, parts)
      const uploads = openDirectUploads({ secret: parts.login.linkSecret, now: parts.now, newId: parts.newId })
      scope.addHook('onClose', () => uploads.close())
      registerUploadTarget(scope, parts, uploads)
      scope.register(async (guarded) => {
        guarded.addHook('onRequest', requireUser(parts.login))
        guarded.addHook('onRequest', requireScope)
        noteOrders(guarded, parts)
        registerAudit(guarded, parts)
        registerUseradm(guarded, parts)
        registerSettings(guarded, parts)
        registerDevauth(guarded, parts)
        registerInventory(guarded, parts)
        registerGroups(guarded, parts)
        registerArtifacts(guarded, parts)
        registerUploads(guarded, parts, uploads)
        registerReleases(guarded, parts)
        registerDeployments(guarded, parts)
        registerConfig(guarded, parts)
        registerConnect(guarded, parts)
        registerFilters(guarded, parts)
      })
    },
    { prefix: PREFIX },
  )
}

/** mender-cli says that it sends JSON where it sends nothing. */
function acceptEmptyJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: JSON_LIMIT_BYTES }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, String(body), done)
  })
}
