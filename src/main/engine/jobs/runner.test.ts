import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { KeptJob } from '../../contract/jobs.ts'
import { type JobHistory, JobRunner } from './runner.ts'

function memoryHistory(seed: KeptJob[] = []): JobHistory {
  const jobs = new Map(seed.map((job) => [job.id, job]))
  const logs = new Map<string, string[]>()
  return {
    list: () => [...jobs.values()].toReversed(),
    save: (job) => void jobs.set(job.id, structuredClone(job)),
    appendLog: (id, lines) => void logs.set(id, [...(logs.get(id) ?? []), ...lines]),
    log: (id) => logs.get(id) ?? [],
  }
}

const request = { kind: 'test', title: 'Count to three', steps: ['one', 'two'], locks: ['/dev/sdx'] }
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('a job', () => {
  it('runs through its steps and is kept in the history with its log', async () => {
    const runner = new JobRunner(memoryHistory(), () => 7)
    const { id, result } = runner.start(request, async (job) => {
      job.step('two')
      job.progress(1, 3, 'items')
      job.log('counted')
      expect(runner.list()[0]).toMatchObject({ state: 'running', step: 1, progress: { done: 1, total: 3 } })
      return 3
    })
    expect(await result).toBe(3)
    expect(runner.list()).toMatchObject([{ id, state: 'done', step: 2, endedAt: 7, failure: null }])
    expect(runner.log(id)).toEqual(['counted'])
  })

  it('fails with the code, message and hint of what it threw', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    const { result } = runner.start(request, () => Promise.reject(new AppError('DISK_FULL', 'No room', 'Free some.')))
    await expect(result).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(runner.list()[0]).toMatchObject({ state: 'failed', failure: { code: 'DISK_FULL', message: 'No room', hint: 'Free some.' } })
  })

  it('is cancelled through its signal, at any step', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    for (const step of request.steps) {
      const { id, result } = runner.start(request, (job) => {
        job.step(step)
        return untilAborted(job.signal)
      })
      await Promise.resolve()
      runner.cancel(id)
      await expect(result).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(runner.list()[0]).toMatchObject({ id, state: 'cancelled' })
    }
  })

  it('is refused while another one holds its resource, and may start after that has ended', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    const first = runner.start(request, (job) => untilAborted(job.signal))
    expect(() => runner.start(request, () => Promise.resolve())).toThrow(/Count to three.*\/dev\/sdx/)
    runner.cancel(first.id)
    await first.result.catch(() => undefined)
    await runner.start(request, () => Promise.resolve()).result
  })

  it('that a stopped engine left running becomes INTERRUPTED at the next start', () => {
    const left: KeptJob = {
      ...request,
      id: 'x',
      batch: null,
      state: 'running',
      step: 0,
      progress: null,
      startedAt: 1,
      endedAt: null,
      failure: null,
    }
    const runner = new JobRunner(memoryHistory([left]), () => 9)
    expect(runner.list()).toMatchObject([{ id: 'x', state: 'failed', endedAt: 9, failure: { code: 'INTERRUPTED' } }])
  })

  it('that has failed or was cancelled is started again as it was, where its kind allows it', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    const fails = [true, false]
    const work = () => (fails.shift() ? Promise.reject(new AppError('DISK_FULL', 'No room')) : Promise.resolve())
    const first = runner.start({ ...request, repeatable: 'anywhere' }, work)
    await expect(first.result).rejects.toMatchObject({ code: 'DISK_FULL' })
    await expect.poll(() => runner.list()[0]?.canRetry).toBe(true)
    const second = runner.retry(first.id)
    await expect.poll(() => runner.list().find(({ id }) => id === second)?.state).toBe('done')
    expect(runner.list().map(({ title, canRetry }) => [title, canRetry])).toEqual([
      ['Count to three', false],
      ['Count to three', false],
    ])
    expect(() => runner.retry(first.id)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  })

  it('that names files of its machine is started again from there alone', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    const fails = [true, false]
    const work = () => (fails.shift() ? Promise.reject(new Error('no')) : Promise.resolve())
    const { id, result } = runner.start({ ...request, repeatable: 'here' }, work)
    await result.catch(() => undefined)
    await expect.poll(() => runner.list()[0]?.canRetry).toBe(true)
    expect(() => runner.retry(id, { isRemote: true })).toThrow(expect.objectContaining({ code: 'PERMISSION' }))
    const second = runner.retry(id)
    await expect.poll(() => runner.list().find((job) => job.id === second)?.state).toBe('done')
  })

  it('that may not be repeated, or was done, is not offered again', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    await runner.start({ ...request, repeatable: 'anywhere' }, () => Promise.resolve()).result
    await runner.start(request, () => Promise.reject(new Error('no'))).result.catch(() => undefined)
    expect(runner.list().map(({ canRetry }) => canRetry)).toEqual([false, false])
  })

  it('stays to be started again while another one holds its resource', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    const failed = runner.start({ ...request, repeatable: 'anywhere' }, () => Promise.reject(new Error('no')))
    await failed.result.catch(() => undefined)
    runner.start(request, (job) => untilAborted(job.signal))
    await expect.poll(() => runner.list().some(({ canRetry }) => canRetry)).toBe(true)
    expect(() => runner.retry(failed.id)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    expect(runner.list().find(({ id }) => id === failed.id)?.canRetry).toBe(true)
    await runner.close()
  })

  it('is cancelled and awaited when the runner closes', async () => {
    const runner = new JobRunner(memoryHistory(), () => 0)
    runner.start(request, (job) => untilAborted(job.signal))
    await Promise.resolve()
    await runner.close()
    expect(runner.list()[0]).toMatchObject({ state: 'cancelled' })
  })
})
