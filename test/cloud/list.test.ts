import { describe, expect, it } from 'vitest'
import { cloudTest } from './cloud-test.ts'
import { goodJob, minutes } from './fake/job-script.ts'

const test = cloudTest()

/** Five jobs a minute apart: the oldest has ended, the third waits, the newest was just submitted. */
async function submitFive() {
  test.aws.batch.script = ({ jobName }) =>
    jobName === 'job-0'
      ? [
          { atMs: 0, state: 'RUNNABLE' },
          { atMs: 1, state: 'STARTING' },
          { atMs: 1_000, state: 'RUNNING' },
          { atMs: 91_000, state: 'FAILED', exitCode: 3 },
        ]
      : jobName === 'job-2'
        ? [
            { atMs: 0, state: 'RUNNABLE' },
            { atMs: 1, state: 'RUNNABLE', reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - x' },
          ]
        : goodJob
  for (let i = 0; i < 5; i++) {
    await test.run('submit', '--name', `job-${i}`, '--', 'train', 'x')
    await test.time.sleep(minutes(1))
  }
}

const names = (stdout: string) => JSON.parse(stdout).jobs.map(({ jobName }: { jobName: string }) => jobName)

describe('list', () => {
  it('prints a table, newest first, with why a job waits or failed', async () => {
    await submitFive()
    const { code, stdout } = await test.run('list')
    expect(code).toBe(0)
    expect(
      stdout,
    ).toBe(`JOB                                   NAME   STATE     SUBMITTED (UTC)      RAN         WHY
00000000-0000-4000-8000-000000000005  job-4  RUNNABLE  2026-11-26 03:04:00
00000000-0000-4000-8000-000000000004  job-3  STARTING  2026-11-26 03:03:00
00000000-0000-4000-8000-000000000003  job-2  RUNNABLE  2026-11-26 03:02:00              EC2 has no machine of the wanted types free at the moment
00000000-0000-4000-8000-000000000002  job-1  RUNNING   2026-11-26 03:01:00  1 min 00 s
00000000-0000-4000-8000-000000000001  job-0  FAILED    2026-11-26 03:00:00  1 min 30 s  the gate refused the new model (exit code 3); the live version stays
`)
  })

  it('goes through all pages, with and without states', async () => {
    await submitFive()
    test.aws.batch.pageJobs = 2
    expect(names((await test.run('list', '--json')).stdout)).toEqual([
      'job-4',
      'job-3',
      'job-2',
      'job-1',
      'job-0',
    ])
    const states = await test.run('list', '--json', '--status', 'runnable,FAILED')
    expect(names(states.stdout)).toEqual(['job-4', 'job-2', 'job-0'])
    expect(names((await test.run('list', '--json', '--limit', '3')).stdout)).toEqual([
      'job-4',
      'job-3',
      'job-2',
    ])
  })

  it('leaves out what is older than a week, unless all are asked for', async () => {
    await submitFive()
    await test.time.sleep(minutes(8 * 24 * 60))
    await test.run('submit', '--name', 'new', '--', 'train', 'x')
    expect(names((await test.run('list', '--json')).stdout)).toEqual(['new'])
    expect(names((await test.run('list', '--json', '--all')).stdout)).toHaveLength(6)
  })

  it('says that there are none', async () => {
    expect((await test.run('list')).stdout).toBe('no jobs in queue nightjar; older ones: --all\n')
  })

  it('names a queue that is not there, and a state that there is not', async () => {
    const missing = await test.run('list', '--queue', 'other')
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('[AWS_NOT_FOUND] cannot list jobs: job queue other is not there'),
    ])
    const unknown = await test.run('list', '--status', 'DONE')
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('unknown --status: DONE')])
  })
})
