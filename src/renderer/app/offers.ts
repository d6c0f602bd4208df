import { type UserRole, roleNeeded, roleRefusal } from '@contract/roles.ts'
import { notifications } from '@mantine/notifications'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { type ActionId, actionOf } from './actions.ts'

/** What can be done now with an action, or why not. */
export interface Offer {
  run: () => void
  /** Why it cannot run now; null when it can. */
  why?: string | null
  /** What it would act on: "virt-02", "3 devices". */
  on?: string
}

export type Offers = Partial<Record<ActionId, Offer>>

/** Tells what is offered for where the focus is. */
type Provider = (target: Element | null) => Offers

const providers = new Set<Provider>()

/** For whom the actions are. */
const caller: { role: UserRole } = { role: 'engineer' }

/** Says whose window it is: what the role may not order is offered to nobody. */
export function useRole(role: UserRole): void {
  useLayoutEffect(() => {
    caller.role = role
  }, [role])
}

/** Offers actions while the component stands. `offer` is asked when a key is pressed or a list of actions opens, never in between. */
export function useOffers(offer: Provider): void {
  // Not an effect event: a list of actions asks while it renders.
  const current = useRef(offer)
  useLayoutEffect(() => {
    current.current = offer
  })
  useEffect(() => {
    const provider: Provider = (target) => current.current(target)
    providers.add(provider)
    return () => void providers.delete(provider)
  }, [])
}

/** All that is offered for where the focus is: who came later goes before. */
export function offersAt(target: Element | null): Offers {
  return Object.assign({}, ...[...providers].map((provider) => provider(target)))
}

/** Why an action cannot be carried out; null when it can. */
export function whyNot(id: ActionId, offers: Offers): string | null {
  const [offer, { needs, orders }] = [offers[id], actionOf(id)]
  const refusal = orders === undefined ? null : roleRefusal(caller.role, roleNeeded(orders, 'order'))
  return refusal ?? (offer === undefined ? needs : (offer.why ?? null))
}

/** Carries an action out, or says why it cannot be. */
export function perform(id: ActionId, target: Element | null): void {
  const offers = offersAt(target)
  const why = whyNot(id, offers)
  if (why === null) offers[id]?.run()
  else
    notifications.show({
      ...{ id: `cannot ${id}`, title: actionOf(id).title.replace(/…$/, ''), message: `${why.replace(/\.$/, '')}.` },
      ...{ color: 'gray', withBorder: true, autoClose: 3500 },
    })
}
