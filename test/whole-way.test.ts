import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { csvLine } from '../job/data/csv-text.ts'
import { Random } from '../job/data/random.ts'
import { recommendationsPath } from '../job/serve/example-user.ts'
import { type LocalServer, startLocalServer } from '../job/serve/local-server.ts'
import { openStore } from '../job/store/open-store.ts'
import { describeWith } from './capabilities.ts'
import { runCli } from './cli/run-cli.ts'

const names = [
  'plain',
  'a,b',
  'say "yes"',
  '🐦',
  'two\nlines',
  'a/b/c',
  '100%',
  '%2F',
  ' spaces ',
  "it's",
  '007',
  'NULL',
  'é',
  '?k=1#x',
]
const userIds = names.map((name) => `user ${name}`).concat(names)
const itemIds = names.map((name) => `item ${name}`).concat(names)

let folder: string
let server: LocalServer
let lists: { user_id: string; item_ids: string[] }[]

/** The whole way by the command line, on ids that break careless programs. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-whole-way-'))
  const place = (name: string) => join(folder, name)
  const random = new Random(1)
  const rows = userIds.flatMap((user) =>
    itemIds.filter(() => random.next() < 0.4).map((item) => [user, item]),
  )
  await writeFile(place('in.csv'), [['user_id', 'item_id'], ...rows].map(csvLine).join(''))
  const titles = itemIds.map((item) => [item, `title of ${item}`])
  await writeFile(place('items.csv'), [['item_id', 'title'], ...titles].map(csvLine).join(''))
  const steps = [
    ['import', place('in.csv'), '--items', place('items.csv'), '--out', place('dataset')],
    ['train', place('dataset'), '--out', place('run'), '--epochs', '3', '--model', 'jca', '--hidden', '8'],
    ['export', place('run'), '--k', '10'],
    ['publish', place('run'), '--to', `local:${place('state')}`],
  ]
  for (const step of steps) {
    const { code, stderr } = await runCli(step)
    expect(code, stderr).toBe(0)
  }
  const table = tableFromIPC(await openStore(place('run')).read('scores/part-00000.arrow'))
  lists = table.toArray().map((row) => ({ user_id: row.user_id, item_ids: [...row.item_ids] }))
  server = await startLocalServer({ port: 0, state: place('state') })
})

afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true })
})

it('ids come unharmed through import, export, publish and the URL', async () => {
  expect(lists.map((list) => list.user_id).sort()).toEqual([...userIds].sort())
  for (const { user_id, item_ids } of lists) {
    expect(item_ids.every((item) => itemIds.includes(item))).toBe(true)
    const response = await fetch(`${server.url}${recommendationsPath(user_id)}?k=10`)
    const body = (await response.json()) as {
      userId: string
      source: string
      items: { id: string; title: string }[]
    }
    expect(body).toMatchObject({ userId: user_id, source: 'personal' })
    expect(body.items.map(({ id }) => id)).toEqual(item_ids)
    expect(body.items.map(({ title }) => title)).toEqual(item_ids.map((item) => `title of ${item}`))
  }
})

describeWith('curl', 'asked as the documents say', () => {
  it('answers curl with the same lists', async () => {
    for (const { user_id, item_ids } of lists.slice(0, 8)) {
      const { stdout } = await promisify(execFile)('curl', [
        '--silent',
        '--show-error',
        `${server.url}${recommendationsPath(user_id)}?k=10`,
      ])
      expect(JSON.parse(stdout).items.map(({ id }: { id: string }) => id)).toEqual(item_ids)
    }
  })
})
