import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseShard } from '../../../job/cli/shard-option.ts'
import { planSubmission } from '../../../job/cloud/batch/submission.ts'
import { openRun } from '../../../job/data/run.ts'
import { FileStore } from '../../../job/store/file-store.ts'
import { makeRun } from '../../made-run.ts'
import { tempFolder } from '../../temp-folder.ts'
import { callCli } from '../call-cli.ts'

const engine = ['--engine', 'wasm', '--threads', '1']

test('an array job and its merge, as they are submitted, export what one job does', async () => {
  const folder = await tempFolder()
  const place = join(folder, 'run')
  const { store } = await makeRun(folder, { users: 200, items: 30, rows: 1500, hidden: 4 })
  const parts = async () => (await openRun(store)).manifest.scores?.parts
  const words = ['export', place, '--k', '7', '--part-users', '32', ...engine]
  expect((await callCli(words)).code).toBe(0)
  const expected = await parts()
  expect(expected).toHaveLength(7)
  const discarded = await callCli(['export', place, '--discard'])
  expect([discarded.stdout, await parts()]).toEqual([`nothing is exported in ${place} any more\n`, undefined])

  const { request, merge } = planSubmission(
    {
      ...{ queue: 'q', definition: 'd', command: words, after: [], environment: {} },
      ...{ array: 3, thenMerge: true },
    },
    new Date(),
  )
  const { command, environment } = request.containerOverrides!
  const child = (index: number) =>
    callCli(command!, {
      env: {
        ...Object.fromEntries(environment!.map(({ name, value }) => [name, value])),
        AWS_BATCH_JOB_ARRAY_INDEX: String(index),
      },
    })
  const mergeNow = () => callCli(merge!.containerOverrides!.command!)
  for (const index of [2, 0]) expect((await child(index)).code).toBe(0)
  const early = await mergeNow()
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('[SHARDS_MISSING]')])
  expect(early.stderr).toContain(`nightjar export ${place} --shard 1/3 --k 7 --part-users 32`)
  const last = await child(1)
  expect(last.stdout).toMatch(/^shard 1 of 3: 64 lists of 7\n2 files, /)
  expect((await child(1)).stdout).toMatch(/^shard 1 of 3, written before: 64 lists of 7\n/)
  expect((await mergeNow()).stdout).toMatch(/^200 lists of 7\n7 files/)
  expect(await parts()).toEqual(expected)
  expect((await store.list('scores/')).map(({ key }) => key)).toEqual(expected!.map(({ path }) => path))
  expect((await mergeNow()).stdout).toContain('was merged before')
}, 60_000)

describe('--shard', () => {
  const env = { AWS_BATCH_JOB_ARRAY_INDEX: '3', NIGHTJAR_SHARDS: '8' }

  test('is the n-th of so many, from 0, or what the environment says', () => {
    expect(parseShard('0/1', {})).toEqual({ index: 0, of: 1 })
    expect(parseShard('9999/10000', {})).toEqual({ index: 9999, of: 10_000 })
    expect(parseShard('auto', env)).toEqual({ index: 3, of: 8 })
  })

  test.each([
    ['8/8', {}, 'invalid shard: 8/8 (want I/N, the first is 0/N'],
    ['0/0', {}, 'invalid shard: 0/0'],
    ['0/10001', {}, 'invalid shard: 0/10001'],
    ['3', {}, 'invalid shard: 3'],
    ['-1/8', {}, 'invalid shard: -1/8'],
    ['auto', {}, '--shard auto, but AWS_BATCH_JOB_ARRAY_INDEX is not set'],
    ['auto', { AWS_BATCH_JOB_ARRAY_INDEX: '3' }, '--shard auto, but NIGHTJAR_SHARDS is not set'],
    [
      'auto',
      { ...env, NIGHTJAR_SHARDS: 'eight' },
      'NIGHTJAR_SHARDS is eight (want an integer from 1 to 10000)',
    ],
    ['auto', { ...env, AWS_BATCH_JOB_ARRAY_INDEX: '1.5' }, 'AWS_BATCH_JOB_ARRAY_INDEX is 1.5'],
    ['auto', { ...env, NIGHTJAR_SHARDS: '3' }, 'AWS_BATCH_JOB_ARRAY_INDEX is 3, but NIGHTJAR_SHARDS is 3'],
  ])('refuses %s with %j', (text, given, message) => {
    expect(() => parseShard(text, given)).toThrow(message)
  })

  test('goes with neither --merge nor --discard, and ends with 2 where the environment says nothing', async () => {
    for (const [given, message] of [
      [['--shard', '0/2', '--merge', '2'], '--shard and --merge do not go together'],
      [['--merge', '2', '--discard'], '--merge and --discard do not go together'],
      [['--shard', 'auto'], 'AWS_BATCH_JOB_ARRAY_INDEX is not set'],
      [['--merge', '0'], 'invalid merge: 0'],
    ] as const) {
      const { code, stderr } = await callCli(['export', 'no-run', ...given])
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    }
  })
})

test('--discard takes shards away that were not merged', async () => {
  const folder = await tempFolder()
  await makeRun(folder, { users: 20, items: 30, rows: 100, hidden: 4 })
  const run = join(folder, 'run')
  await callCli(['export', run, '--shard', '0/2', '--part-users', '8', ...engine])
  expect(await new FileStore(run).list('scores/')).toHaveLength(2)
  await callCli(['export', run, '--discard'])
  expect(await new FileStore(run).list('scores/')).toEqual([])
})
