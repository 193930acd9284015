import { describe, expect, it } from 'vitest'
import { cloudTest } from './cloud-test.ts'
import { goodJob, minutes, type Step } from './fake/job-script.ts'

const test = cloudTest()
const id = '00000000-0000-4000-8000-000000000001'

async function statusAfter(script: Step[], ms: number, ...args: string[]) {
  test.aws.batch.script = () => script
  await test.run('submit', '--name', 'j', '--', 'train', 's3://b/shop')
  await test.time.sleep(ms)
  return test.run('status', id, ...args)
}

const started: Step[] = [
  { atMs: 0, state: 'RUNNABLE' },
  { atMs: minutes(1), state: 'STARTING' },
  { atMs: minutes(2), state: 'RUNNING' },
]

describe('status says in plain words', () => {
  it('what a job did that ended well, and what it may have cost', async () => {
    const { code, stdout } = await statusAfter(goodJob, minutes(60))
    expect(code).toBe(0)
    expect(stdout).toBe(`job        ${id} (j)
state      SUCCEEDED at 2026-11-26 03:13:00 UTC
queue      nightjar, job definition nightjar:3
submitted  2026-11-26 03:00:00 UTC
command    train s3://b/shop
attempt 1  2026-11-26 03:03:00 UTC, 10 min 00 s: exit code 0
cost       about $0.09 to $0.17, an estimate: 10 min 00 s at g4dn.xlarge to g5.xlarge on demand in us-east-1, prices of 2026-06; less on Spot
console    https://eu-central-1.console.aws.amazon.com/batch/home?region=eu-central-1#jobs/detail/${id}

next: nightjar logs ${id}
`)
    // 10 minutes of 0.526 and 1.006 dollars an hour.
    const { cost } = JSON.parse((await test.run('status', id, '--json')).stdout)
    expect(cost.least).toBeCloseTo(0.526 / 6, 10)
    expect(cost.most).toBeCloseTo(1.006 / 6, 10)
  })

  it('how far one is that runs, with the next commands', async () => {
    const { stdout } = await statusAfter(goodJob, minutes(8))
    expect(stdout).toContain('state      RUNNING for 5 min 00 s')
    expect(stdout).toContain('runs since 2026-11-26 03:03:00 UTC (5 min 00 s)')
    expect(stdout).toContain('so far, an estimate')
    expect(stdout).toContain(`next: nightjar logs -f ${id}\n      nightjar cancel ${id}`)
  })

  it('the price that is given, instead of the table', async () => {
    const { stdout } = await statusAfter(goodJob, minutes(60), '--price', '3')
    expect(stdout).toContain('about $0.50, an estimate: 10 min 00 s at $3 an hour, as given')
    expect(test.aws.count('DescribeJobQueues')).toBe(0)
  })

  it('all attempts, and counts the time of each', async () => {
    const { stdout } = await statusAfter(
      [
        ...started,
        { atMs: minutes(12), state: 'RUNNABLE', reason: 'Host EC2 (instance i-0abc) terminated.' },
        { atMs: minutes(20), state: 'STARTING' },
        { atMs: minutes(21), state: 'RUNNING' },
        { atMs: minutes(26), state: 'FAILED', exitCode: 1 },
      ],
      minutes(60),
    )
    expect(stdout).toContain('10 min 00 s: the machine was taken away: Spot reclaimed it, or it failed')
    expect(stdout).toContain('5 min 00 s: the command ended with exit code 1')
    expect(stdout).toContain('an estimate: 15 min 00 s at')
    expect(stdout).toContain('why        the command ended with exit code 1')
  })

  it('that an image is not there, with what the registry said, and no cost', async () => {
    const said = 'CannotPullContainerError: Error response from daemon: manifest for nightjar:9 not found'
    const { stdout } = await statusAfter(
      [
        ...started.slice(0, 2),
        { atMs: minutes(2), state: 'FAILED', reason: 'Task failed to start', containerReason: said },
      ],
      minutes(5),
    )
    expect(stdout).toContain(`why        the container image could not be fetched (${said})`)
    expect(stdout).toContain('attempt 1  never ran: the container image could not be fetched')
    expect(stdout).not.toContain('cost')
  })

  it.each([
    ['CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill ...', 'EC2 has no machine'],
    ['MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - ...', 'more vCPUs than'],
    ['MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - ...', 'no machine type of the queue'],
    ['MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS – ...', "Batch's service role may not"],
    ['MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED - ...', 'EC2 refuses the combination'],
    ['ACTION_REQUIRED - ...', 'waits for somebody to mend'],
    ['UNDETERMINED - Batch job is blocked, root cause is undetermined.', 'Batch cannot tell why'],
    ['SOMETHING:NEW - of which nothing is known here', 'SOMETHING:NEW - of which nothing is known here'],
  ])('why it waits: %s', async (reason, text) => {
    const { stdout } = await statusAfter(
      [
        { atMs: 0, state: 'RUNNABLE' },
        { atMs: 1, state: 'RUNNABLE', reason },
      ],
      minutes(1),
    )
    expect(stdout).toContain('state      RUNNABLE, submitted 1 min 00 s ago')
    expect(stdout).toMatch(new RegExp(`why +.*${text.slice(0, 12)}`))
    expect(stdout).toContain(text)
  })

  it('that a job has not started, though Batch gives the time 0 for it', async () => {
    const { stdout } = await statusAfter([{ atMs: 0, state: 'RUNNABLE' }], minutes(1), '--json')
    expect(test.aws.batch.job(id).detail().startedAt).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      startedAt: null,
      stoppedAt: null,
      ranSeconds: 0,
      attempts: [],
      cost: null,
    })
  })

  it('that a job waits for another, and that it never ran when that one failed', async () => {
    test.aws.batch.script = ({ jobName }) =>
      jobName === 'first' ? [...started, { atMs: minutes(9), state: 'FAILED', exitCode: 1 }] : goodJob
    await test.run('submit', '--name', 'first', '--', 'train', 'x')
    const second = id.replace(/1$/, '2')
    await test.run('submit', '--name', 'second', '--after', id, '--', 'export', 'x')
    await test.time.sleep(minutes(1))
    const { stdout } = await test.run('status', second)
    expect(stdout).toContain('PENDING')
    expect(stdout).toContain(`after      ${id}`)
    await test.time.sleep(minutes(20))
    expect((await test.run('status', second)).stdout).toContain(
      'a job that it waits for has failed, so it never ran',
    )
  })

  it('the children of an array by state, and which failed and why', async () => {
    test.aws.batch.script = (_request, index) =>
      index === 3 || index === 5
        ? [
            ...started,
            { atMs: minutes(4), state: 'FAILED', exitCode: 137, containerReason: 'OutOfMemoryError: killed' },
          ]
        : goodJob
    await test.run('submit', '--array', '8', '--name', 'parts', '--', 'export', 's3://b/run')
    await test.time.sleep(minutes(5))
    const running = await test.run('status', id)
    expect(running.stdout).toContain('array      8 jobs: 2 FAILED, 6 RUNNING')
    expect(running.stdout).toMatch(/:3 +the container needed more memory/)
    expect(running.stdout).toMatch(/:5 +the container needed more memory/)
    await test.time.sleep(minutes(20))
    const { stdout } = await test.run('status', id)
    expect(stdout).toContain('why        one child or more of the array have failed')
    expect((await test.run('status', `${id}:3`)).stdout).toContain('needed more memory than the job has')
    expect((await test.run('status', `${id}:4`)).stdout).toContain('SUCCEEDED')
  })

  it('nothing of the environment of the container', async () => {
    await test.run('submit', '--name', 'j', '--env', 'TOKEN=value-of-a-variable', '--', 'doctor')
    const outputs = [
      await test.run('status', id),
      await test.run('status', id, '--json'),
      await test.run('list', '--json'),
    ]
    for (const { code, stdout } of outputs)
      expect([code, stdout]).toEqual([0, expect.not.stringContaining('value-of-a-variable')])
  })
})

describe('the cost is an estimate', () => {
  it('of types that are large enough alone', async () => {
    test.aws.batch.machines = { SPOT: ['g5'], EC2: [] }
    test.aws.batch.script = () => goodJob
    await test.run('submit', '--name', 'j', '--gpu', '1', '--memory', '40000', '--', 'train', 'x')
    await test.time.sleep(minutes(60))
    // Of the family g5 only the 4xlarge has 40,000 MiB: 10 minutes of 1.624.
    expect((await test.run('status', id)).stdout).toContain(
      'about $0.27, an estimate: 10 min 00 s at g5.4xlarge',
    )
  })

  it('and is left open for a type that is not in the table', async () => {
    test.aws.batch.machines = { SPOT: ['p5.48xlarge'], EC2: [] }
    expect((await statusAfter(goodJob, minutes(60))).stdout).toContain('price is not known here: --price')
  })

  it('of the whole table where the credentials may not look at the queue', async () => {
    test.aws.faults.push({
      operation: 'DescribeJobQueues',
      error: 'AccessDeniedException',
      status: 403,
      times: 1,
    })
    const { code, stdout } = await statusAfter(goodJob, minutes(60))
    expect([code, stdout]).toEqual([0, expect.stringContaining('g4dn.xlarge to p3.2xlarge')])
  })
})

it('an unknown job is named, with how to find others', async () => {
  const { code, stderr } = await test.run('status', id)
  expect([code, stderr]).toEqual([1, expect.stringContaining('[JOB_NOT_FOUND]')])
})
