import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCron } from '../../job/cloud/schedule/cron.ts'
import { UsageError } from '../../job/errors.ts'
import { nightIdOf, parsePlannedAt } from '../../job/nightly/night-id.ts'
import { cloudTest } from './cloud-test.ts'
import { refusalBeyond } from './fake/limits.ts'

const test = cloudTest()
const role = 'arn:aws:iam::123456789012:role/nightjar-scheduler'
const night = ['nightly', '--dataset', 's3://b/shop', '--runs', 's3://b/runs', '--to', 'cloudflare:ID']
const make = (...over: string[]) =>
  test.run(
    'schedule',
    '--at-hour',
    '2',
    '--timezone',
    'Europe/Berlin',
    '--role',
    role,
    ...over,
    '--',
    ...night,
  )
const key = 'nightjar/nightjar-nightly'

describe('schedule', () => {
  it('makes a schedule that submits by itself, with few retries and no window', async () => {
    const { code, stdout } = await make()
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('schedule  nightjar-nightly in group nightjar: created'),
    ])
    const { ClientToken: token, ...kept } = test.aws.scheduler.get(key)!
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(kept).toEqual({
      Name: 'nightjar-nightly',
      GroupName: 'nightjar',
      Description: 'starts a night of nightjar',
      State: 'ENABLED',
      ScheduleExpression: 'cron(0 2 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:batch:submitJob',
        RoleArn: role,
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
        Input: JSON.stringify({
          JobName: 'nightly',
          JobQueue: 'nightjar',
          JobDefinition: 'nightjar',
          ContainerOverrides: { Command: [...night, '--at', '<aws.scheduler.scheduled-time>'] },
        }),
      },
    })
  })

  it('starts a job that names its night: what is submitted is a sound request of Batch, and the same night by hand is refused', async () => {
    await make()
    const request = test.aws.scheduler.requestAt(key, '2026-11-26T01:00:00Z')
    expect(request.containerOverrides?.command).toEqual([...night, '--at', '2026-11-26T01:00:00Z'])
    test.aws.batch.submit(request)
    const again = await test.run('submit', '--at', '2026-11-26T01:00:00Z', '--', ...night)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('[NIGHT_UNDERWAY]')])
    // Scheduler's form of a time is one that `nightly --at` reads.
    expect(nightIdOf(parsePlannedAt('2026-11-26T01:00:00Z'))).toBe(
      nightIdOf(new Date('2026-11-26T01:00:00.000Z')),
    )
  })

  it('changes nothing when it is made again, and only what differs otherwise', async () => {
    await make()
    expect((await make()).stdout).toContain(': unchanged')
    expect(test.aws.count('UpdateSchedule')).toBe(0)
    expect((await make('--queue', 'nightjar-2')).stdout).toContain(': updated')
    expect(test.aws.count('CreateSchedule')).toBe(1)
    expect(test.aws.scheduler.get(key)?.Target?.Input).toContain('nightjar-2')
  })

  it('keeps what others have set: a dead-letter queue, a pause', async () => {
    await make()
    await test.run('schedule', '--pause')
    const present = test.aws.scheduler.get(key)!
    const dead = { Arn: 'arn:aws:sqs:eu-central-1:123456789012:dead' }
    test.aws.scheduler.answer('UpdateSchedule', {
      ...present,
      ClientToken: 'other',
      Target: { ...present.Target, DeadLetterConfig: dead },
    })
    expect((await make()).stdout).toContain(': unchanged')
    await make('--timezone', 'UTC')
    expect(test.aws.scheduler.get(key)).toMatchObject({
      State: 'DISABLED',
      ScheduleExpressionTimezone: 'UTC',
      Target: { DeadLetterConfig: dead },
    })
  })

  it('pauses and goes on, there and back, and changes nothing else', async () => {
    await make()
    const { ClientToken: _before, ...before } = test.aws.scheduler.get(key)!
    for (const [flag, did, state] of [
      ['--pause', 'paused', 'DISABLED'],
      ['--pause', 'unchanged', 'DISABLED'],
      ['--resume', 'resumed', 'ENABLED'],
      ['--pause', 'paused', 'DISABLED'],
      ['--resume', 'resumed', 'ENABLED'],
    ]) {
      expect((await test.run('schedule', flag, '--json')).stdout).toContain(`"did": "${did}"`)
      expect(test.aws.scheduler.get(key)?.State).toBe(state)
      await test.time.sleep(1)
    }
    const { ClientToken: _after, ...after } = test.aws.scheduler.get(key)!
    expect(after).toEqual({ ActionAfterCompletion: 'NONE', ...before })
  })

  it('shows and removes; what is not there is named', async () => {
    await make()
    const shown = await test.run('schedule', '--show')
    expect(shown.stdout).toContain('when      cron(0 2 * * ? *), Europe/Berlin')
    expect(shown.stdout).toContain('again     2 times at most, within 3600 s')
    expect((await test.run('schedule', '--remove')).stdout).toBe(
      'schedule nightjar-nightly in group nightjar: removed\n',
    )
    expect((await test.run('schedule', '--remove')).stdout).toContain('not there')
    for (const flag of ['--show', '--pause', '--resume']) {
      const { code, stderr } = await test.run('schedule', flag)
      expect([code, stderr]).toEqual([1, expect.stringContaining('[SCHEDULE_NOT_FOUND]')])
    }
  })

  it('names a group that is not there', async () => {
    const { code, stderr } = await make('--group', 'other')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('schedule nightjar-nightly or its group other is not there'),
    ])
  })

  it('a creation whose answer gets lost is sent again under its token, and made once', async () => {
    test.aws.faults.push({ operation: 'CreateSchedule', error: 'lost', times: 1 })
    expect((await make()).code).toBe(0)
    expect(test.aws.count('CreateSchedule')).toBe(2)
  })

  it.each([
    ['no time', ['--role', role], 'when? give one of'],
    ['two times', ['--cron', '0 2 * * ? *', '--at-hour', '2', '--role', role], 'when? give one of'],
    ['no role', ['--at-hour', '2'], '--role is missing'],
    ['a role that is no ARN', ['--at-hour', '2', '--role', 'me'], 'invalid --role'],
    [
      'no such time zone',
      ['--at-hour', '2', '--role', role, '--timezone', 'Europe/Berln'],
      'unknown --timezone: Europe/Berln',
    ],
    ['an offset', ['--at-hour', '2', '--role', role, '--timezone', '+01:00'], 'unknown --timezone'],
    ['an hour of 24', ['--at-hour', '24'], 'invalid --at-hour: 24'],
    ['a name of 65 characters', ['--show', '--name', 'n'.repeat(65)], 'invalid --name'],
    ['two acts', ['--pause', '--remove'], '--pause and --remove at once'],
    ['an act and a time', ['--pause', '--at-hour', '2'], '--pause takes no time'],
    ['no night', ['--at-hour', '2', '--role', role, '--', 'train', 'x'], 'a schedule starts nights'],
    [
      'a fixed night',
      ['--at-hour', '2', '--role', role, '--', ...night, '--at', '2026-11-26'],
      'gives every night its own time',
    ],
  ])('refuses %s before any request', async (_name, args, message) => {
    const { code, stderr } = await test.run('schedule', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(test.aws.requests).toEqual([])
  })
})

describe('cron', () => {
  it.each([
    '0 2 * * ? *',
    'cron(0 2 * * ? *)',
    '0/15 8-17,20 ? JAN-MAR,DEC MON-FRI 2026-2030',
    '59 23 31 12 ? 2199',
    '0 0 L * ? *',
    '0 0 LW * ? *',
    '0 0 15W * ? *',
    '0 0 ? * 6L *',
    '0 0 ? * TUE#3 *',
    '*/5 * ? * SUN *',
  ])('takes %s', (text) => {
    const expression = checkCron(text)
    expect(expression).toBe(`cron(${text.replace(/^cron\((.*)\)$/, '$1')})`)
    expect(refusalBeyond('CreateSchedule', sound(expression))).toBeUndefined()
  })

  it.each([
    ['0 2 * * ?', 'has 5 fields', undefined],
    ['0 2 * * ? * *', 'has 7 fields', undefined],
    ['60 2 * * ? *', '"60" is out of range: minutes is 0 to 59', '60'],
    ['0 24 * * ? *', 'hours is 0 to 23', '24'],
    ['0 2 0 * ? *', 'day of month is 1 to 31', '0'],
    ['0 2 * 13 ? *', 'month is 1 to 12, or JAN to DEC', '13'],
    ['0 2 * FOO ? *', '"FOO" is out of range', 'FOO'],
    ['0 2 ? * 8 *', 'day of week is 1 to 7, or SUN to SAT', '8'],
    ['0 2 ? * MON#6 *', 'is no day of week', 'MON#6'],
    ['0 2 * * ? 1969', 'year is 1970 to 2199', '1969'],
    ['0 5-2 * * ? *', 'the range runs backwards', '5-2'],
    ['0/0 2 * * ? *', 'a step is 1 to 59', '0/0'],
    ['0 *-5 * * ? *', 'a range has a number on both sides', '*-5'],
    ['0 2 * * MON *', 'none is', 'MON'],
    ['0 2 ? * ? *', 'both are', '?'],
    ['0 2, * * ? *', '"" is no hours', '2,'],
    ['? 2 * * ? *', '"?" is no minutes', '?'],
  ])('refuses %s and points at the field', (text, message, field) => {
    let error: UsageError | undefined
    try {
      checkCron(text)
    } catch (caught) {
      error = caught as UsageError
    }
    expect(error).toBeInstanceOf(UsageError)
    expect(error?.message).toContain(message)
    if (field === undefined) return
    const [, shown, marks] = error!.message.split('\n')
    expect(shown.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe(field)
  })

  it('takes nothing that the service refuses: whatever passes here passes the fake, which was made by other means', () => {
    const atom = fc.oneof(
      fc.integer({ min: 0, max: 70 }).map(String),
      fc.constantFrom('*', '?', 'L', 'LW', '15W', 'MON', 'JAN', '6L', '2#1', '2026', ''),
    )
    const field = fc.oneof(
      atom,
      fc.tuple(atom, atom).map(([a, b]) => `${a}-${b}`),
      fc.tuple(atom, atom).map(([a, b]) => `${a},${b}`),
      fc.tuple(atom, fc.integer({ min: 0, max: 70 })).map(([a, n]) => `${a}/${n}`),
    )
    let taken = 0
    fc.assert(
      fc.property(
        fc.tuple(
          ...['minutes', 'hours', 'day', 'month'].map(() => fc.oneof(field, fc.constantFrom('*', '1', '?'))),
        ),
        fc.constantFrom('?', '*', 'MON', '3L'),
        (fields, weekday) => {
          const text = [...fields, weekday, '*'].join(' ')
          let expression: string
          try {
            expression = checkCron(text)
          } catch (error) {
            return error instanceof UsageError
          }
          taken++
          return refusalBeyond('CreateSchedule', sound(expression)) === undefined
        },
      ),
      { numRuns: 5_000, seed: 7 },
    )
    expect(taken).toBeGreaterThan(50)
  })
})

function sound(ScheduleExpression: string) {
  return {
    Name: 'n',
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: 'arn:aws:scheduler:::aws-sdk:batch:submitJob', RoleArn: role },
  }
}
