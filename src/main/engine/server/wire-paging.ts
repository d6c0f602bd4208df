import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { parseInput } from './problem.ts'

/** One page of a list: `page` counts from 1. */
export interface Page {
  page: number
  perPage: number
  offset: number
}

const MAX_PER_PAGE = 500

/** The page that a request asks for by `page` and `per_page`. BAD_INPUT outside of 1 to 500 items. */
export function readPage(query: unknown, defaultPerPage = 20): Page {
  const shape = z.object({
    page: z.coerce.number().int().min(1).default(1),
    per_page: z.coerce.number().int().min(1).max(MAX_PER_PAGE).default(defaultPerPage),
  })
  const { page, per_page: perPage } = parseInput(shape, query)
  return { page, perPage, offset: (page - 1) * perPage }
}

/** The items of a page out of all of them. */
export function slicePage<T>(items: readonly T[], { offset, perPage }: Page): T[] {
  return items.slice(offset, offset + perPage)
}

/** Sets `X-Total-Count` and `Link` (RFC 8288: first, prev, next, last) for a list of `total` items. */
export function setPageHeaders(request: FastifyRequest, reply: FastifyReply, { page, perPage, total }: Page & { total: number }): void {
  const last = Math.max(1, Math.ceil(total / perPage))
  const relations: [string, number][] = [['first', 1]]
  if (page > 1) relations.push(['prev', Math.min(page - 1, last)])
  if (page < last) relations.push(['next', page + 1])
  relations.push(['last', last])
  const links = relations.map(([relation, number]) => `<${pageUrl(request.url, number, perPage)}>; rel="${relation}"`)
  reply.header('x-total-count', String(total)).header('link', links.join(', '))
}

function pageUrl(url: string, page: number, perPage: number): string {
  const [path = '', query = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('page', String(page))
  parameters.set('per_page', String(perPage))
  return `${path}?${parameters.toString()}`
}
