import { assert, boolean, constantFrom, infiniteStream, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StateOutcome, UPDATE_STATES, type UpdateFacts, type UpdateState, nextState } from './state-machine.ts'

const ROOTFS: UpdateFacts = { needsReboot: true, canRollBack: true, hasRebooted: false }
const MODULE: UpdateFacts = { needsReboot: false, canRollBack: false, hasRebooted: false }

/** Walks from Download; `fails` lists the states that fail. */
function walk(facts: UpdateFacts, fails: readonly UpdateState[]): UpdateState[] {
  const path: UpdateState[] = []
  let known = facts
  for (let state: UpdateState | null = 'Download'; state !== null;) {
    path.push(state)
    if (state === 'ArtifactReboot') known = { ...known, hasRebooted: true }
    state = nextState(state, fails.includes(state) ? 'failed' : 'done', known)
  }
  return path
}

describe('the states of an update', () => {
  it('lead a root file system through a reboot to the commit', () => {
    expect(walk(ROOTFS, [])).toEqual([
      ...[
        'Download',
        'ArtifactInstall',
        'ArtifactReboot',
        'ArtifactVerifyReboot',
        'ArtifactCommit',
        'ArtifactCommitLeave',
        'Cleanup',
        'Report',
      ],
    ])
  })

  it('lead a module to the commit without a reboot', () => {
    expect(walk(MODULE, [])).toEqual(['Download', 'ArtifactInstall', 'ArtifactCommit', 'ArtifactCommitLeave', 'Cleanup', 'Report'])
  })

  it('report a failed download without a rollback: nothing has changed yet', () => {
    expect(walk(ROOTFS, ['Download'])).toEqual(['Download', 'Cleanup', 'Report'])
  })

  it('roll back without a reboot while none has happened', () => {
    expect(walk(ROOTFS, ['ArtifactInstall']).slice(2)).toEqual(['ArtifactRollback', 'ArtifactFailure', 'Cleanup', 'Report'])
  })

  it.each(['ArtifactVerifyReboot', 'ArtifactCommit'] as const)('roll back with a reboot when %s fails', (state) => {
    const path = walk(ROOTFS, [state])
    expect(path.slice(path.indexOf(state) + 1)).toEqual([
      ...['ArtifactRollback', 'ArtifactRollbackReboot', 'ArtifactVerifyRollbackReboot', 'ArtifactFailure', 'Cleanup', 'Report'],
    ])
  })

  it('have no way back for a module that cannot roll back', () => {
    expect(walk(MODULE, ['ArtifactInstall']).slice(2)).toEqual(['ArtifactFailure', 'Cleanup', 'Report'])
    expect(walk(MODULE, ['ArtifactCommit']).slice(3)).toEqual(['ArtifactFailure', 'Cleanup', 'Report'])
  })

  it('have no way back behind the commit', () => {
    expect(walk(ROOTFS, ['ArtifactCommitLeave']).slice(-3)).toEqual(['ArtifactCommitLeave', 'Cleanup', 'Report'])
  })

  it('always end in a report, however often each fails or the board restarts', () => {
    const outcomes = infiniteStream(constantFrom<StateOutcome>('done', 'failed', 'interrupted', 'done'))
    const facts = record({ needsReboot: boolean(), canRollBack: boolean(), hasRebooted: boolean() })
    assert(
      property(outcomes, facts, (ends, known) => {
        let last: UpdateState | null = null
        let state: UpdateState | null = 'Download'
        for (let steps = 0; state !== null && steps < 1000; steps++) {
          last = state
          state = nextState(state, ends.next().value ?? 'done', known)
        }
        expect(state).toBeNull()
        expect(last).toBe('Report')
      }),
    )
  })

  it('each have an end for every outcome', () => {
    for (const state of UPDATE_STATES)
      for (const outcome of ['done', 'failed', 'interrupted'] as const)
        expect([...UPDATE_STATES, null]).toContain(nextState(state, outcome, ROOTFS))
  })
})
