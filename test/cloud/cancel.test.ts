import { describe, expect, it } from 'vitest'
import { cloudTest } from './cloud-test.ts'
import { goodJob, minutes } from './fake/job-script.ts'

const test = cloudTest()
const id = '00000000-0000-4000-8000-000000000001'

async function cancelAfter(ms: number) {
  await test.run('submit', '--name', 'j', '--', 'train', 'x')
  await test.time.sleep(ms)
  return test.run('cancel', id, '--reason', 'a test')
}

describe('cancel', () => {
  it.each([
    ['SUBMITTED', 500],
    ['RUNNABLE', 5_000],
  ])('cancels a job that is %s', async (state, ms) => {
    const { code, stdout } = await cancelAfter(ms)
    expect([code, stdout]).toEqual([
      0,
      `job ${id} was ${state} and is cancelled: it never ran (now FAILED)\n`,
    ])
    expect(test.aws.count('TerminateJob')).toBe(0)
    expect(test.aws.requests.find(({ operation }) => operation === 'CancelJob')?.input).toEqual({
      jobId: id,
      reason: 'a test',
    })
    expect((await test.run('status', id)).stdout).toContain('it was stopped on request: a test')
  })

  it.each([
    ['STARTING', minutes(2.5)],
    ['RUNNING', minutes(5)],
  ])('terminates a job that is %s', async (state, ms) => {
    const { code, stdout } = await cancelAfter(ms)
    expect([code, stdout]).toEqual([0, `job ${id} was ${state} and is terminated (now FAILED)\n`])
    expect(test.aws.count('CancelJob')).toBe(0)
  })

  it('terminates a job that gets its machine while it is being cancelled: Batch takes that request and does nothing', async () => {
    test.aws.batch.script = () => goodJob
    await test.run('submit', '--name', 'j', '--', 'train', 'x')
    await test.time.sleep(minutes(1))
    const answer = test.aws.batch.answer.bind(test.aws.batch)
    test.aws.batch.answer = (operation, input) => {
      // Between the look and the request.
      if (operation === 'CancelJob') void test.time.sleep(minutes(1))
      return answer(operation, input)
    }
    const { code, stdout } = await test.run('cancel', id)
    expect([code, stdout]).toEqual([0, `job ${id} was RUNNABLE and is terminated (now FAILED)\n`])
  })

  it('tells the same as JSON', async () => {
    await test.run('submit', '--name', 'j', '--', 'train', 'x')
    const { stdout } = await test.run('cancel', id, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ jobId: id, did: 'cancelled', state: 'FAILED' })
  })

  it('waits until the container has stopped', async () => {
    await cancelAfter(minutes(5))
    // Twenty seconds, of which the last look may be some seconds late.
    expect(test.time.now() - Date.parse('2026-11-26T03:05:00Z')).toBeGreaterThanOrEqual(20_000)
  })

  it('says so where the job has ended, and asks for nothing', async () => {
    const { code, stdout } = await cancelAfter(minutes(60))
    expect([code, stdout]).toEqual([0, `job ${id} had ended already: SUCCEEDED\n`])
    expect(test.aws.count('CancelJob') + test.aws.count('TerminateJob')).toBe(0)
  })

  it('stops all children of an array', async () => {
    await test.run('submit', '--array', '3', '--', 'export', 'x')
    await test.time.sleep(minutes(5))
    const { code, stdout } = await test.run('cancel', id)
    expect([code, stdout]).toEqual([0, expect.stringContaining('is terminated (now FAILED)')])
    for (const index of [0, 1, 2]) expect(test.aws.batch.job(`${id}:${index}`).state).toBe('FAILED')
  })

  it('gives up waiting for a PENDING job, which ends only after those that it waits for', async () => {
    test.aws.batch.script = () => [
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'STARTING' },
      { atMs: 2, state: 'RUNNING' },
      { atMs: minutes(60), state: 'SUCCEEDED', exitCode: 0 },
    ]
    await test.run('submit', '--name', 'first', '--', 'train', 'x')
    const second = id.replace(/1$/, '2')
    await test.run('submit', '--name', 'second', '--after', id, '--', 'export', 'x')
    const { code, stderr } = await test.run('cancel', second)
    expect([code, stderr]).toEqual([1, expect.stringContaining('[CANCEL_PENDING]')])
    await test.time.sleep(minutes(120))
    expect(test.aws.batch.job(second).state).toBe('FAILED')
  })

  it('takes a reason of 1024 characters and refuses one more', async () => {
    await test.run('submit', '--name', 'j', '--', 'train', 'x')
    expect((await test.run('cancel', id, '--reason', 'r'.repeat(1025))).code).toBe(2)
    expect((await test.run('cancel', id, '--reason', 'r'.repeat(1024))).code).toBe(0)
  })
})
