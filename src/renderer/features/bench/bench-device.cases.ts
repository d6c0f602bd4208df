import type { CardState, Device } from '@contract/devices.ts'

/** A device of which nothing is known but its name and state, and what else a test says. */
export const benchDevice = (name: string, state: CardState, more: Partial<Device> = {}): Device => ({
  ...{
    id: name,
    name,
    identity: {},
    virtual: null,
    board: null,
    status: 'accepted',
    authsets: [],
    newKey: null,
    deviceType: null,
    artifactName: null,
  },
  ...{ group: null, card: { state, detail: '' }, slots: null, boot: null, evidence: null, deployment: null },
  ...{
    connection: { state: 'never', since: null },
    createdAt: 0,
    lastSeenAt: null,
    silentAt: null,
    silentWhy: null,
    nextPollAt: null,
    tail: [],
  },
  ...more,
})
