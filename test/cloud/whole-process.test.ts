import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../cli/run-cli.ts'
import { FakeAws, secretKey, sessionToken } from './fake/fake-aws.ts'

/** The built command line as processes of their own, against the fake in real time: jobs live for some seconds. */
let aws: FakeAws
beforeAll(async () => {
  aws = await FakeAws.open(Date.now)
})
afterAll(() => aws.close())

const run = (...args: string[]) => runCli(args, { env: aws.env })
const night = ['nightly', '--dataset', 's3://b/shop', '--runs', 's3://b/runs', '--to', 'cloudflare:ID']

test('a refused night, from submission to its log: exit code 3, and no secret in any output', async () => {
  aws.batch.script = () => [
    { atMs: 200, state: 'RUNNABLE' },
    { atMs: 400, state: 'STARTING' },
    { atMs: 600, state: 'RUNNING', log: [{ afterMs: 0, text: 'gate: refused' }] },
    { atMs: 1_200, state: 'FAILED', exitCode: 3 },
  ]
  const waited = await run('submit', '--wait', '--json', '--at', '2026-11-26T02:00:00Z', '--', ...night)
  const { jobId, job } = JSON.parse(waited.stdout)
  expect([waited.code, job.state, job.exitCode]).toEqual([3, 'FAILED', 3])
  const logs = await run('logs', jobId)
  expect([logs.code, logs.stdout]).toEqual([0, 'gate: refused\n'])
  const listed = await run('list', '--json')
  expect(JSON.parse(listed.stdout).jobs[0]).toMatchObject({ jobId, state: 'FAILED' })
  const denied = await runCli(['status', jobId, '--verbose'], {
    env: { ...aws.env, AWS_ACCESS_KEY_ID: 'AKIDOTHER' },
  })
  expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('[AWS_CREDENTIALS]')])
  const outputs = [waited, logs, listed, denied].map((r) => r.stdout + r.stderr).join()
  for (const secret of [secretKey, sessionToken]) expect(outputs).not.toContain(secret)
})

test('Ctrl-C ends the wait with 6 and leaves the job, which cancel then stops', async () => {
  aws.batch.script = () => [
    { atMs: 100, state: 'RUNNABLE' },
    { atMs: 3_600_000, state: 'STARTING' },
  ]
  const waiting = await runCli(['submit', '--wait', '--name', 'j', '--', 'train', 'x'], {
    env: aws.env,
    signal: { afterOutput: /RUNNABLE/, name: 'SIGINT' },
  })
  expect([waiting.code, waiting.stderr]).toEqual([
    6,
    expect.stringContaining('stopped waiting; the job goes on'),
  ])
  const jobId = aws.batch.jobIds.at(-1)!
  expect(aws.batch.job(jobId).state).toBe('RUNNABLE')
  const cancelled = await run('cancel', jobId)
  expect([cancelled.code, cancelled.stdout]).toEqual([0, expect.stringContaining('is cancelled')])
})

test('a schedule is made, shown and removed', async () => {
  const role = 'arn:aws:iam::123456789012:role/nightjar-scheduler'
  expect((await run('schedule', '--cron', '0 2 * * ? *', '--role', role, '--', ...night)).stdout).toContain(
    'created',
  )
  expect((await run('schedule', '--show')).stdout).toContain('cron(0 2 * * ? *), UTC')
  expect((await run('schedule', '--remove')).stdout).toContain('removed')
})
