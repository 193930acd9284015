import { describe, expect, it } from 'vitest'
import { openBatch, openLogs } from '../../job/cloud/clients.ts'
import { readLogs } from '../../job/cloud/logs/read-logs.ts'
import { CancelledError } from '../../job/errors.ts'
import { cloudTest } from './cloud-test.ts'
import { minutes, type Step } from './fake/job-script.ts'

const test = cloudTest()
const id = '00000000-0000-4000-8000-000000000001'
const lines = (stdout: string) => stdout.split('\n').filter((line) => line !== '')

/** A job whose attempts write numbered lines, one a second. */
function talkative(attempts: number, linesEach: number, lateMs = 0): Step[] {
  const steps: Step[] = []
  for (let n = 1; n <= attempts; n++) {
    const at = minutes(10 * (n - 1))
    const isLast = n === attempts
    steps.push(
      { atMs: at + (n === 1 ? 0 : 1), state: n === 1 ? 'RUNNABLE' : 'STARTING' },
      ...(n === 1 ? [{ atMs: at + 1, state: 'STARTING' } as Step] : []),
      {
        atMs: at + minutes(1),
        state: 'RUNNING',
        log: Array.from({ length: linesEach }, (_, i) => ({ afterMs: i * 1000, text: `${n}.${i}`, lateMs })),
      },
      isLast
        ? { atMs: at + minutes(1) + linesEach * 1000, state: 'SUCCEEDED', exitCode: 0 }
        : { atMs: at + minutes(10), state: 'RUNNABLE', reason: 'Host EC2 (instance i-1) terminated.' },
    )
  }
  return steps
}

const numbered = (n: number, count: number) => Array.from({ length: count }, (_, i) => `${n}.${i}`)

async function submit(script: Step[]) {
  test.aws.batch.script = () => script
  await test.run('submit', '--name', 'j', '--', 'train', 'x')
}

describe('logs', () => {
  it('prints all of a log, page after page, empty pages among them', async () => {
    await submit(talkative(1, 25))
    await test.time.sleep(minutes(60))
    test.aws.logs.pageEvents = 10
    test.aws.logs.hasEmptyPages = true
    const { code, stdout } = await test.run('logs', id)
    expect([code, lines(stdout)]).toEqual([0, numbered(1, 25)])
  })

  it('prints what is there of a job that runs, and does not wait', async () => {
    await submit(talkative(1, 60))
    await test.time.sleep(minutes(1) + 9_500)
    const waits = test.time.waits.length
    expect(lines((await test.run('logs', id)).stdout)).toEqual(numbered(1, 10))
    expect(test.time.waits).toHaveLength(waits)
  })

  it('says that there is none yet, and why', async () => {
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'RUNNABLE', reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - x' },
    ])
    await test.time.sleep(1_000)
    const { code, stdout, stderr } = await test.run('logs', id)
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toContain('no log yet: the job is RUNNABLE (EC2 has no machine')
  })

  it('of all attempts, of one of them, and refuses one that is not there', async () => {
    await submit(talkative(3, 4))
    await test.time.sleep(minutes(60))
    const all = await test.run('logs', id)
    expect(lines(all.stdout)).toEqual([...numbered(1, 4), ...numbered(2, 4), ...numbered(3, 4)])
    expect(all.stderr).toMatch(
      /attempt 1\n.*attempt 1 ended: the machine was taken away[\s\S]*attempt 2[\s\S]*attempt 3/,
    )
    expect(lines((await test.run('logs', id, '--attempt', '2')).stdout)).toEqual(numbered(2, 4))
    const { code, stderr } = await test.run('logs', id, '--attempt', '4')
    expect([code, stderr]).toEqual([2, expect.stringContaining('has 3 attempts, and no attempt 4')])
  })

  it('--since leaves out what is older, by a time or a duration', async () => {
    await submit(talkative(1, 30))
    await test.time.sleep(minutes(2))
    expect(lines((await test.run('logs', id, '--since', '2026-11-26T03:01:20Z')).stdout)).toEqual(
      numbered(1, 30).slice(20),
    )
    expect(lines((await test.run('logs', id, '--since', '35s')).stdout)).toEqual(numbered(1, 30).slice(25))
  })

  it('--json prints each line as an object', async () => {
    await submit(talkative(1, 2))
    await test.time.sleep(minutes(60))
    expect(lines((await test.run('logs', id, '--json')).stdout).map((line) => JSON.parse(line))).toEqual([
      { time: '2026-11-26T03:01:00.000Z', attempt: 1, message: '1.0' },
      { time: '2026-11-26T03:01:01.000Z', attempt: 1, message: '1.1' },
    ])
  })

  it('takes nothing from a log that moves the cursor', async () => {
    const evil = '\u001b[2Jgone\u0007\tkept\r'
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'STARTING' },
      { atMs: 2, state: 'RUNNING', log: [{ afterMs: 0, text: evil }] },
      { atMs: 3, state: 'SUCCEEDED', exitCode: 0 },
    ])
    await test.time.sleep(minutes(1))
    expect((await test.run('logs', id)).stdout).toBe('[2Jgone\tkept\n')
  })

  it('of a child of an array, and points there from the array', async () => {
    test.aws.batch.script = () => talkative(1, 3)
    await test.run('submit', '--array', '4', '--', 'export', 'x')
    await test.time.sleep(minutes(60))
    expect(lines((await test.run('logs', `${id}:3`)).stdout)).toEqual(numbered(1, 3))
    const { code, stderr } = await test.run('logs', id)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`nightjar logs ${id}:0`)])
  })

  it('says of an attempt without a container why it has no log', async () => {
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'STARTING' },
      {
        atMs: 2,
        state: 'FAILED',
        reason: 'Task failed to start',
        containerReason: 'CannotPullContainerError: x',
      },
    ])
    await test.time.sleep(minutes(1))
    expect((await test.run('logs', id)).stderr).toContain(
      'attempt 1 has no log (the container image could not be fetched',
    )
  })
})

describe('logs -f', () => {
  it.each([0, 1_000, 7_000, 14_000])('prints the last line, though lines come %i ms late', async (lateMs) => {
    await submit(talkative(1, 40, lateMs))
    const { code, stdout } = await test.run('logs', '-f', id)
    expect([code, lines(stdout)]).toEqual([0, numbered(1, 40)])
  })

  it.each([
    ['the last one alone, 14 s after the job has ended', [0, 14_000]],
    ['one every 3 s, for 24 s after the job has ended', [3, 6, 9, 12, 15, 18, 21, 24].map((s) => s * 1000)],
  ])('prints lines that come after the end: %s', async (_name, late) => {
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'STARTING' },
      {
        atMs: 2,
        state: 'RUNNING',
        log: late.map((lateMs, i) => ({ afterMs: 60_000, text: `${i}`, lateMs })),
      },
      { atMs: 60_002, state: 'SUCCEEDED', exitCode: 0 },
    ])
    expect(lines((await test.run('logs', '-f', id)).stdout)).toEqual(late.map((_, i) => `${i}`))
  })

  it('follows over attempts, each line once and in order', async () => {
    test.aws.logs.pageEvents = 7
    test.aws.logs.hasEmptyPages = true
    await submit(talkative(3, 50, 5_000))
    const { code, stdout, stderr } = await test.run('logs', '-f', id)
    expect([code, lines(stdout)]).toEqual([0, [...numbered(1, 50), ...numbered(2, 50), ...numbered(3, 50)]])
    expect(stderr).toContain('attempt 1 ended: the machine was taken away')
  })

  it('survives throttling: it waits longer each time and loses nothing', async () => {
    test.aws.faults.push({ operation: 'GetLogEvents', error: 'ThrottlingException', times: 5 })
    test.aws.faults.push({
      operation: 'DescribeJobs',
      error: 'TooManyRequestsException',
      status: 429,
      times: 3,
    })
    await submit(talkative(1, 30))
    const { code, stdout, stderr } = await test.run('logs', '-f', id)
    expect([code, lines(stdout)]).toEqual([0, numbered(1, 30)])
    expect(stderr).toContain('still trying to read the log: ThrottlingException')
  })

  it('survives a connection that breaks and a service that fails', async () => {
    test.aws.faults.push({ operation: 'GetLogEvents', error: 'reset', times: 2 })
    test.aws.faults.push({
      operation: 'GetLogEvents',
      error: 'ServiceUnavailableException',
      status: 503,
      times: 2,
    })
    await submit(talkative(1, 30))
    const { code, stdout } = await test.run('logs', '-f', id)
    expect([code, lines(stdout)]).toEqual([0, numbered(1, 30)])
  })

  it('ends where the service asks to wait for ever', async () => {
    test.aws.faults.push({ operation: 'GetLogEvents', error: 'ThrottlingException', times: 1_000 })
    await submit(talkative(1, 3))
    const { code, stderr } = await test.run('logs', '-f', id)
    expect([code, stderr]).toEqual([1, expect.stringContaining('[AWS_THROTTLED]')])
    expect(test.aws.count('GetLogEvents')).toBe(8)
  })

  it('tells once what it waits for', async () => {
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: minutes(9), state: 'STARTING' },
      { atMs: minutes(10), state: 'FAILED', reason: 'Task failed to start' },
    ])
    const { stderr } = await test.run('logs', '-f', id)
    expect(stderr.match(/waiting: the job is RUNNABLE/g)).toHaveLength(1)
  })

  it('ends with a job that is cancelled before it ran, between two attempts as well', async () => {
    await submit([...talkative(2, 3).slice(0, 4), { atMs: minutes(11), state: 'FAILED', reason: 'enough' }])
    const { code, stdout } = await test.run('logs', '-f', id)
    expect([code, lines(stdout)]).toEqual([0, numbered(1, 3)])
  })

  it('asks less often while a log is quiet', async () => {
    await submit([
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: 1, state: 'STARTING' },
      { atMs: 2, state: 'RUNNING', log: [{ afterMs: 0, text: 'x' }] },
      { atMs: minutes(60), state: 'SUCCEEDED', exitCode: 0 },
    ])
    await test.run('logs', '-f', id)
    // An hour at ten seconds and a little chance.
    expect(test.aws.count('GetLogEvents')).toBeLessThan(450)
  })

  it('is stopped by its signal, and the job goes on', async () => {
    await submit(talkative(1, 500))
    const stop = new AbortController()
    test.time.onWait = (now) => {
      if (now > Date.parse('2026-11-26T03:02:00Z')) stop.abort()
    }
    const got: string[] = []
    const following = readLogs(
      { ...test.cloud, signal: stop.signal },
      await openBatch(),
      await openLogs(),
      id,
      {
        follow: true,
        onLine: ({ message }) => got.push(message),
        onNote: () => {},
      },
    )
    await expect(following).rejects.toThrow()
    await expect(following.catch((error) => error)).resolves.toBeInstanceOf(CancelledError)
    expect(got.length).toBeGreaterThan(10)
    expect(test.aws.batch.job(id).state).toBe('RUNNING')
  })
})
