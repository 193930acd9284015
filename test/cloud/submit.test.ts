import { describe, expect, it, vi } from 'vitest'
import { cloudTest } from './cloud-test.ts'
import { goodJob, minutes, type Step } from './fake/job-script.ts'

const test = cloudTest()
const night = ['nightly', '--dataset', 's3://b/shop', '--runs', 's3://b/runs', '--to', 'cloudflare:ID']
const firstId = '00000000-0000-4000-8000-000000000001'
const secondId = '00000000-0000-4000-8000-000000000002'

const submitted = () =>
  test.aws.requests.filter(({ operation }) => operation === 'SubmitJob').map(({ input }) => input)

describe('submit', () => {
  it('prints the id, where the console shows it, and the next commands', async () => {
    const { code, stdout } = await test.run('submit', '--at', '2026-11-26T02:00:00Z', '--', ...night)
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        `submitted nightly-20261126T020000Z: ${firstId}`,
        `https://eu-central-1.console.aws.amazon.com/batch/home?region=eu-central-1#jobs/detail/${firstId}`,
        '',
        `next: nightjar status ${firstId}`,
        `      nightjar logs -f ${firstId}`,
        `      nightjar cancel ${firstId}`,
        '',
      ].join('\n'),
    )
    expect(submitted()).toEqual([
      {
        jobName: 'nightly-20261126T020000Z',
        jobQueue: 'nightjar',
        jobDefinition: 'nightjar',
        containerOverrides: { command: [...night, '--at', '2026-11-26T02:00:00Z'] },
      },
    ])
  })

  it('tells which places of a night go with the container', async () => {
    const places = ['--dataset', '/mnt/shop', '--runs', 'work/runs', '--to', 'local']
    const { code, stderr } = await test.run('submit', '--', 'nightly', ...places)
    expect(code).toBe(0)
    expect(stderr).toContain('note: --runs work/runs lies in the container, and goes with it')
    expect(stderr).toContain('note: --to local lies in the container')
    expect(stderr).not.toContain('--dataset')
    expect((await test.run('submit', '--again', '--', ...night)).stderr).not.toContain('note:')
  })

  it('passes resources, variables, timeout and dependencies on, and prints no value of a variable', async () => {
    const secret = 'value-of-a-variable'
    const { code, stdout, stderr } = await test.run(
      ...['submit', '--json', '--name', 'mine', '--gpu', '1', '--memory', '30000', '--vcpus', '8'],
      ...[
        '--timeout',
        '6h',
        '--after',
        secondId,
        '--env',
        `TOKEN=${secret}`,
        '--env',
        'EMPTY=',
        '--',
        'train',
        's3://b/shop',
      ],
    )
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining(secret)])
    expect(submitted()[0]).toMatchObject({
      jobName: 'mine',
      dependsOn: [{ jobId: secondId }],
      timeout: { attemptDurationSeconds: 21_600 },
      containerOverrides: {
        command: ['train', 's3://b/shop'],
        environment: [
          { name: 'TOKEN', value: secret },
          { name: 'EMPTY', value: '' },
        ],
        resourceRequirements: [
          { type: 'GPU', value: '1' },
          { type: 'MEMORY', value: '30000' },
          { type: 'VCPU', value: '8' },
        ],
      },
    })
    expect(JSON.parse(stdout)).toMatchObject({ jobId: firstId, jobName: 'mine', night: null, merge: null })
  })

  it("without a command runs the definition's own, with the night as its parameter", async () => {
    await test.run('submit', '--at', '2026-11-26')
    expect(submitted()[0]).toEqual({
      jobName: 'nightly-20261126T000000Z',
      jobQueue: 'nightjar',
      jobDefinition: 'nightjar',
      parameters: { at: '2026-11-26T00:00:00Z' },
    })
  })

  it('takes queue and definition from the environment and from options', async () => {
    vi.stubEnv('NIGHTJAR_BATCH_QUEUE', 'arn:aws:batch:eu-central-1:123456789012:job-queue/nightjar')
    await test.run('submit', '--definition', 'nightjar:7', '--', 'doctor')
    expect(submitted()[0]).toMatchObject({
      jobQueue: 'arn:aws:batch:eu-central-1:123456789012:job-queue/nightjar',
      jobDefinition: 'nightjar:7',
      jobName: 'doctor-20261126T030000Z',
    })
  })

  it('gives every part of an array its share, and a merge that waits for all of them', async () => {
    const { code, stdout } = await test.run(
      'submit',
      '--array',
      '8',
      '--then-merge',
      '--',
      'export',
      's3://b/run',
    )
    expect(code).toBe(0)
    expect(stdout).toContain(`and after it export-20261126T030000Z-merge: ${secondId}`)
    expect(submitted()).toMatchObject([
      {
        arrayProperties: { size: 8 },
        containerOverrides: {
          command: ['export', 's3://b/run', '--shard', 'auto'],
          environment: [{ name: 'NIGHTJAR_SHARDS', value: '8' }],
        },
      },
      {
        dependsOn: [{ jobId: firstId }],
        containerOverrides: { command: ['export', 's3://b/run', '--merge', '8'] },
      },
    ])
    expect(submitted()[1]).not.toHaveProperty('arrayProperties')
    // It waits while one child runs still, and begins when all have ended well.
    test.time.sleep(minutes(12))
    expect(test.aws.batch.job(secondId).state).toBe('PENDING')
    test.time.sleep(minutes(30))
    expect(test.aws.batch.job(secondId).state).toBe('SUCCEEDED')
  })

  it('shares out the trials of a search the same way, and of nothing else', async () => {
    const search = ['tune', 's3://b/shop', '--model', 'ials', '--out', 's3://b/tune-ials']
    const array = ['submit', '--array', '5', '--then-merge', '--']
    expect((await test.run(...array, ...search)).code).toBe(0)
    expect(submitted()).toMatchObject([
      { arrayProperties: { size: 5 }, containerOverrides: { command: [...search, '--shard', 'auto'] } },
      { containerOverrides: { command: [...search, '--merge', '5'] } },
    ])
    const { code, stderr } = await test.run(...array, 'train', 's3://b/shop')
    expect([code, stderr]).toEqual([2, expect.stringContaining('is for export and tune, and this is train')])
  })

  it('says what of an array and its merge was submitted when the second request fails', async () => {
    // The first request is answered; then the queue is full.
    test.aws.batch.script = () => {
      test.aws.faults.push({ operation: 'SubmitJob', error: 'ClientException', message: 'full', times: 1 })
      return goodJob
    }
    const { code, stderr } = await test.run(
      ...['submit', '--array', '2', '--then-merge', '--', 'export', 's3://b/run'],
    )
    expect(code).toBe(1)
    expect(stderr).toContain(`the array is submitted as ${firstId}, but not its merge`)
    expect(stderr).toContain(`nightjar submit --after ${firstId} -- export s3://b/run --merge 2`)
  })
})

describe('a night is not submitted twice', () => {
  it('while a job of it is on its way', async () => {
    await test.run('submit', '--at', '2026-11-26T02:00:00Z', '--', ...night)
    const { code, stderr } = await test.run('submit', '--at', '2026-11-26T02:00:00Z', '--', ...night)
    expect([code, stderr]).toEqual([1, expect.stringContaining('[NIGHT_UNDERWAY]')])
    expect(stderr).toContain(firstId)
    expect(test.aws.count('SubmitJob')).toBe(1)
  })

  it('not even where a schedule has submitted it under another name', async () => {
    await schedule(...night)
    const request = test.aws.scheduler.requestAt('nightjar/nightjar-nightly', '2026-11-26T02:00:00Z')
    test.aws.batch.submit(request)
    const { code } = await test.run('submit', '--at', '2026-11-26T03:00:00+01:00', '--', ...night)
    expect(code).toBe(1)
    const other = await test.run('submit', '--at', '2026-11-27T02:00:00Z', '--', ...night)
    expect(other.code).toBe(0)
  })

  it('not even where the schedule leaves the command to the definition, and the night is a parameter', async () => {
    await schedule()
    const request = test.aws.scheduler.requestAt('nightjar/nightjar-nightly', '2026-11-26T02:00:00Z')
    expect(request).not.toHaveProperty('containerOverrides')
    test.aws.batch.submit(request)
    expect((await test.run('submit', '--at', '2026-11-26T02:00:00Z')).code).toBe(1)
  })

  it('but with --again, and after the first has ended', async () => {
    const args = ['submit', '--at', '2026-11-26T02:00:00Z', '--', ...night]
    await test.run(...args)
    expect((await test.run('submit', '--again', ...args.slice(1))).code).toBe(0)
    test.time.sleep(minutes(20))
    expect((await test.run(...args)).code).toBe(0)
  })

  it('looks past the first page', async () => {
    test.aws.batch.pageJobs = 2
    for (const hour of [1, 2, 3, 4, 5])
      await test.run('submit', '--at', `2026-11-26T0${hour}:00:00Z`, '--', ...night)
    for (const hour of [1, 2, 3, 4, 5])
      expect((await test.run('submit', '--at', `2026-11-26T0${hour}:00:00Z`, '--', ...night)).code).toBe(1)
    expect(test.aws.count('SubmitJob')).toBe(5)
  })

  it('when the answer to the first request gets lost: the job is found by its name', async () => {
    test.aws.faults.push({ operation: 'SubmitJob', error: 'lost', times: 1 })
    const { code, stdout, stderr } = await test.run('submit', '--', ...night)
    expect([code, stdout]).toEqual([0, expect.stringContaining(firstId)])
    expect(stderr).toContain('the job is there')
    expect(test.aws.count('SubmitJob')).toBe(1)
  })

  it('when the request itself gets lost: nobody can say, and it is not sent again', async () => {
    test.aws.faults.push({ operation: 'SubmitJob', error: 'reset', times: 1 })
    const { code, stderr } = await test.run('submit', '--', ...night)
    expect([code, stderr]).toEqual([1, expect.stringContaining('[OUTCOME_UNKNOWN]')])
    expect(test.aws.count('SubmitJob')).toBe(1)
  })

  it('by a throttled request, which has surely not been done and is sent again', async () => {
    test.aws.faults.push({ operation: 'SubmitJob', error: 'TooManyRequestsException', status: 429, times: 3 })
    expect((await test.run('submit', '--', ...night)).code).toBe(0)
    expect(test.aws.batch.jobIds).toHaveLength(1)
    expect(test.time.waits).toHaveLength(3)
    // Twice as long each time, and never the whole wait nor less than half of it.
    test.time.waits.forEach((ms, i) => {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** i)
      expect(ms).toBeLessThan(500 * 2 ** i)
    })
  })
})

describe('wrong use is refused before any request', () => {
  it.each([
    ['a name with a colon', ['--name', 'a:b', '--', 'doctor'], 'invalid --name: a:b'],
    ['a command that nightjar does not have', ['--', 'nightli', '--runs', 'x'], 'unknown command: nightli'],
    ['a name of 129 characters', ['--name', 'a'.repeat(129), '--', 'doctor'], 'invalid --name'],
    ['a night by a name that hides it', ['--name', 'mine', '--', ...night], 'begins with nightly'],
    ['no --', ['nightly', '--dataset', 'x'], 'stands after --'],
    ['an array of one', ['--array', '1', '--', 'export', 'r'], 'invalid --array: 1'],
    ['an array of 10,001', ['--array', '10001', '--', 'export', 'r'], 'invalid --array'],
    ['an array of a night', ['--array', '2', '--', ...night], '--array cannot go with a night'],
    ['a timeout of 59 seconds', ['--timeout', '59s', '--', 'doctor'], 'invalid --timeout: 59 s'],
    ['a timeout in words', ['--timeout', 'long', '--', 'doctor'], 'invalid --timeout: long'],
    ['a variable of Batch', ['--env', 'AWS_BATCH_X=1', '--', 'doctor'], "are Batch's own"],
    ['a variable without =', ['--env', 'TOKEN', '--', 'doctor'], 'no = after TOKEN'],
    ['21 dependencies', [...Array(21)].flatMap(() => ['--after', firstId]).concat('--', 'doctor'), '21 jobs'],
    ['a dependency that is no id', ['--after', 'yesterday', '--', 'doctor'], 'invalid job id: yesterday'],
    ['an empty word', ['--', 'doctor', ''], 'an empty word'],
    ['a command of 9,000 characters', ['--', 'doctor', 'x'.repeat(9_000)], 'Batch takes 8192'],
    ['two nights', ['--at', '2026-11-26', '--', ...night, '--at', '2026-11-27'], 'name two nights'],
    ['--at for no night', ['--at', '2026-11-26', '--', 'doctor'], '--at is for nights'],
    ['--then-merge alone', ['--then-merge', '--', 'export', 'r'], '--then-merge without --array'],
    ['one shard for all', ['--array', '2', '--', 'export', 'r', '--shard', '1/2'], 'write the same part'],
    ['a queue with a space', ['--queue', 'my queue', '--', 'doctor'], 'invalid --queue'],
  ])('%s', async (_name, args, message) => {
    const { code, stderr } = await test.run('submit', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(test.aws.requests).toEqual([])
  })
})

describe('submit --wait', () => {
  const ends: [string, Step[], number, string][] = [
    ['SUCCEEDED', goodJob, 0, 'SUCCEEDED'],
    ['a failed command', ended({ exitCode: 1 }), 5, 'exit code 1'],
    ['the gate, which refuses', ended({ exitCode: 3 }), 3, 'the gate refused'],
    [
      'too little memory',
      ended({ exitCode: 137, containerReason: 'OutOfMemoryError: Container killed due to memory usage' }),
      5,
      'more memory',
    ],
    [
      'a machine taken away for the last time',
      ended({ reason: 'Host EC2 (instance i-0abc) terminated.' }),
      5,
      'Spot reclaimed',
    ],
    [
      'a time limit',
      ended({ reason: 'Job attempt duration exceeded timeout', exitCode: 137 }),
      7,
      'time limit',
    ],
    [
      'a queue that gives up',
      [
        { atMs: 1_000, state: 'RUNNABLE' },
        {
          atMs: 60_000,
          state: 'FAILED',
          reason:
            'Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
        },
      ],
      7,
      'no machine type of the queue',
    ],
    [
      'an image that is not there',
      [
        { atMs: 1_000, state: 'RUNNABLE' },
        { atMs: 60_000, state: 'STARTING' },
        {
          atMs: 90_000,
          state: 'FAILED',
          reason: 'Task failed to start',
          containerReason: 'CannotPullContainerError: nightjar:9 not found',
        },
      ],
      5,
      'image could not be fetched',
    ],
  ]

  it.each(ends)('ends with %s', async (_name, script, wanted, text) => {
    test.aws.batch.script = () => script
    const { code, stdout, stderr } = await test.run('submit', '--wait', '--', ...night)
    expect([code, stdout]).toEqual([wanted, expect.stringContaining(text)])
    expect(stderr).toContain('RUNNABLE')
  })

  it('ends with 6 where somebody stops the job, whatever reason they give', async () => {
    test.time.onWait = (now) => {
      if (now > Date.parse('2026-11-26T03:05:00Z'))
        test.aws.batch.answer('TerminateJob', {
          jobId: firstId,
          reason: 'OutOfMemoryError, said the operator',
        })
    }
    const { code, stdout } = await test.run('submit', '--wait', '--', ...night)
    expect([code, stdout]).toEqual([6, expect.stringContaining('stopped on request')])
  })

  it('ends with 7 where no machine comes, and leaves the job', async () => {
    const why =
      'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [g5.xlarge]'
    test.aws.batch.script = () => [
      { atMs: 1_000, state: 'RUNNABLE' },
      { atMs: minutes(5), state: 'RUNNABLE', reason: why },
    ]
    const { code, stdout } = await test.run('submit', '--wait', '--stuck-after', '20m', '--', ...night)
    expect([code, stdout]).toEqual([7, expect.stringContaining('EC2 has no machine')])
    expect(test.aws.batch.job(firstId).state).toBe('RUNNABLE')
    const waited = test.time.now() - Date.parse('2026-11-26T03:00:00Z')
    expect(waited).toBeGreaterThanOrEqual(minutes(20))
    expect(waited).toBeLessThan(minutes(22))
  })

  it('counts the time without a machine anew for every attempt', async () => {
    test.aws.batch.script = () => [
      { atMs: 0, state: 'RUNNABLE' },
      { atMs: minutes(15), state: 'STARTING' },
      { atMs: minutes(16), state: 'RUNNING' },
      { atMs: minutes(17), state: 'RUNNABLE', reason: 'Host EC2 (instance i-1) terminated.' },
      { atMs: minutes(32), state: 'STARTING' },
      { atMs: minutes(33), state: 'RUNNING' },
      { atMs: minutes(40), state: 'SUCCEEDED', exitCode: 0 },
    ]
    expect((await test.run('submit', '--wait', '--stuck-after', '20m', '--', ...night)).code).toBe(0)
  })

  it('asks less often while nothing happens: never more than half a minute and a quarter apart', async () => {
    await test.run('submit', '--wait', '--', ...night)
    expect(test.aws.count('DescribeJobs')).toBeLessThan(60)
    expect(Math.max(...test.time.waits)).toBeLessThanOrEqual(37_500)
    expect(Math.min(...test.time.waits)).toBeLessThan(2_000)
  })

  it('tells of an array and its merge: the merge never runs where a part has failed', async () => {
    test.aws.batch.script = (_request, index) => (index === 1 ? ended({ exitCode: 1 }) : goodJob)
    const { code, stdout } = await test.run(
      'submit',
      '--wait',
      '--array',
      '2',
      '--then-merge',
      '--',
      'export',
      's3://b/run',
    )
    expect([code, stdout]).toEqual([5, expect.stringContaining('a job that it waits for has failed')])
  })
})

/** A job that runs for a minute and ends so. */
function ended(how: Partial<Step>): Step[] {
  return [
    { atMs: 1_000, state: 'RUNNABLE' },
    { atMs: 60_000, state: 'STARTING' },
    { atMs: 90_000, state: 'RUNNING' },
    { atMs: 150_000, state: 'FAILED', ...how },
  ]
}

function schedule(...command: string[]) {
  const role = 'arn:aws:iam::123456789012:role/nightjar-scheduler'
  return test.run('schedule', '--at-hour', '2', '--role', role, '--', ...command)
}
