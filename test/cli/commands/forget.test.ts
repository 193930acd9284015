import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recommendationsPath } from '../../../job/serve/example-user.ts'
import { startLocalServer } from '../../../job/serve/local-server.ts'
import { callCli } from '../call-cli.ts'

let folder: string
const at = (name: string) => join(folder, name)
const place = () => `local:${at('kv')}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-forget-'))
  const rows = Array.from({ length: 60 }, (_, n) => `user-${n % 12},item-${(n * 7) % 20},${n % 3},${n}`)
  await mkdir(folder, { recursive: true })
  await writeFile(at('rows.csv'), `user,item,rating,time\n${rows.join('\n')}\n`)
  await cli('import', at('rows.csv'), '--out', at('dataset'))
  await train('run', '--window', '52w', '--min-weight', '1')
  await cli('export', at('run'), '--k', '5', '--engine', 'wasm')
  await cli('publish', at('run'), '--to', place())
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

async function cli(...args: string[]) {
  const { code, stdout, stderr } = await callCli(args)
  expect(code, stderr).toBe(0)
  return stdout
}

const train = (run: string, ...more: string[]) =>
  cli(
    ...[
      'train',
      at('dataset'),
      '--out',
      at(run),
      '--engine',
      'wasm',
      '--threads',
      '1',
      '--model',
      'jca',
      '--hidden',
      '4',
    ],
    ...['--epochs', '2', '--eval-every', '1', '--no-fold-in', '--json', ...more],
  ).then((text) => JSON.parse(text))

/** What a server that starts now answers for each of the users. */
async function answers(...userIds: string[]) {
  const server = await startLocalServer({ port: 0, state: at('kv') })
  try {
    const answered = []
    for (const userId of userIds) {
      const list = await fetch(`${server.url}${recommendationsPath(userId)}`)
      const { strategy } = (await list.json()) as { strategy: string }
      const history = await fetch(`${server.url}/v1/users/${userId}/history`)
      answered.push({ strategy, history: history.status })
    }
    return answered
  } finally {
    await server.close()
  }
}

describe('train', () => {
  test('--window, --min-weight and --warm-start are told in the manifest', async () => {
    // No row is new to the earlier run, so the number of epochs is given.
    const of = ['--window', '1d', '--min-weight', '2', '--warm-start', at('run'), '--holdout', '0']
    const run = await train('later', ...of)
    expect(run.rows).toEqual({ since: '1969-12-31T00:00:59.000Z', minWeight: 2 })
    expect(run.config).toMatchObject({ windowDays: 1, minWeight: 2 })
    expect(run.warmStart).toMatchObject({ users: 12, items: 20 })
    expect(run.dataset.interactions).toBe(20)
  }, 60_000)

  test.each([
    [['--window', '3 months'], 2, /invalid window: 3 months/],
    [['--min-weight', 'heavy'], 2, /invalid min-weight: heavy/],
    [['--min-weight', '9'], 1, /\[ROWS_NONE\] .* none of weight 9 or more/],
    [['--warm-start', 'nowhere'], 1, /\[NOT_A_RUN\]/],
  ])('%j is refused', async (args, exitCode, message) => {
    const { code, stderr } = await callCli(['train', at('dataset'), '--out', at('refused'), ...args])
    expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)])
  })
})

test('forget --now takes a user out of what is served, and compact out of the dataset', async () => {
  const [known, unknown] = await answers('user-3', 'nobody')
  expect(known.history).toBe(200)
  expect(unknown).not.toEqual(known)

  const text = await cli(
    'forget',
    at('dataset'),
    '--user',
    'user-3',
    '--user',
    'user-4',
    '--now',
    '--at',
    place(),
  )
  expect(text).toMatch(/^forgotten: user-3\nforgotten: user-4\n\S+: user-\d, user-\d taken out\n/)
  expect(text).toContain('caches at the edge')
  expect(text).toContain(`2 forgotten in ${at('dataset')}`)
  expect(await answers('user-3', 'user-5')).toEqual([unknown, known])

  const again = JSON.parse(
    await cli('forget', at('dataset'), '--user', 'user-3', '--now', '--at', place(), '--json'),
  )
  expect(again).toMatchObject({
    forgotten: [],
    alreadyForgotten: ['user-3'],
    tombstones: 2,
    published: [{ removed: [], isDamaged: false }],
  })

  // The run is from before, its score files still hold them: publishing it again must not bring them back.
  await cli('publish', at('run'), '--to', place())
  expect(await answers('user-3')).toEqual([unknown])

  expect(await cli('compact', at('dataset'))).toMatch(
    /^gone from .*: 2 users and their 10 rows \(parts written anew: 1, files deleted: 2\)/,
  )
  expect(await cli('compact', at('dataset'))).toMatch(/holds nothing of forgotten users/)
  await cli('publish', at('run'), '--to', place())
  expect(await answers('user-3', 'user-5')).toEqual([unknown, known])
}, 240_000)

test.each([
  [['--user', 'nobody'], 1, /\[FORGET_UNKNOWN\] .*"nobody"; nobody was forgotten/],
  [['--user', ''], 2, /invalid user: it is empty/],
  [[], 2, /required option '--user <id>'/],
  [['--user', 'user-1', '--at', 'local'], 2, /--at without --now/],
  [['--user', 'user-1', '--now', '--at', 'mars'], 2, /mars/],
])('forget %j is refused', async (args, exitCode, message) => {
  const { code, stderr } = await callCli(['forget', at('dataset'), ...args])
  expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)])
})

test('an unknown user is no error where that was said', async () => {
  expect(await cli('forget', at('dataset'), '--user', 'nobody', '--if-known')).toMatch(
    /^not in the dataset: nobody\n/,
  )
})
