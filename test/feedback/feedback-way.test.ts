import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { expect, test, vi } from 'vitest'
import { csvLine } from '../../job/data/csv-text.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { Random } from '../../job/data/random.ts'
import { recommendationsPath } from '../../job/serve/example-user.ts'
import { startLocalServer } from '../../job/serve/local-server.ts'
import { openStore } from '../../job/store/open-store.ts'
import { callCli } from '../cli/call-cli.ts'
import { readRows } from '../data/import/import-bench.ts'
import { tempFolder } from '../temp-folder.ts'

test('a click and a purchase go from the worker into the next lists: what was clicked is recommended no more', async () => {
  const folder = await tempFolder()
  const place = (name: string) => join(folder, name)
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await callCli(args)
    expect(code, stderr).toBe(0)
    return stdout
  }
  const random = new Random(1)
  const rows = Array.from({ length: 20 }, (_, u) => `user-${u}`).flatMap((user) =>
    Array.from({ length: 30 }, (_, i) => `item-${i}`)
      .filter(() => random.next() < 0.3)
      .map((item) => [user, item, '1', '2026-04-22T05:15:00Z']),
  )
  await writeFile(place('in.csv'), [['user_id', 'item_id', 'rating', 'time'], ...rows].map(csvLine).join(''))
  const train = ['--epochs', '3', '--model', 'jca', '--hidden', '8', '--holdout', '0']
  await cli('import', place('in.csv'), '--out', place('dataset'))
  await cli('train', place('dataset'), '--out', place('first'), ...train)
  await cli('export', place('first'), '--k', '10')
  await cli('publish', place('first'), '--to', `local:${place('state')}`)

  const server = await startLocalServer({ port: 0, state: place('state') })
  const clicked: string[] = []
  let recommendationId = ''
  try {
    const answer = await fetch(`${server.url}${recommendationsPath('user-3')}?k=2`)
    const list = (await answer.json()) as { recommendationId: string; items: { id: string }[] }
    recommendationId = list.recommendationId
    clicked.push(...list.items.map(({ id }) => id))
    const events = [
      { userId: 'user-3', itemId: clicked[0], event: 'click', recommendationId },
      { userId: 'user-3', itemId: clicked[1], event: 'buy', recommendationId },
      { userId: 'user-3', itemId: 'item-only-looked-at', event: 'view' },
      { userId: 'somebody new', itemId: 'item-new', event: 'buy', time: '2026-04-23T05:15:00Z' },
    ]
    const posted = await fetch(`${server.url}/v1/feedback`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
    })
    expect([posted.status, await posted.json()]).toEqual([202, { accepted: 4 }])
    // The queue gathers for five seconds; the worker goes on serving while it is pulled from.
    await vi.waitFor(
      async () => {
        const pull = ['feedback', 'pull', '--out', place('feedback'), '--from', `local:${place('state')}`]
        expect(JSON.parse(await cli(...pull, '--json'))).toMatchObject({ objects: 1 })
      },
      { timeout: 40_000, interval: 1000 },
    )
  } finally {
    await server.close()
  }

  const append = ['--events', 'buy=1,click=0.25,view=0', '--append', '--if-new', '--out', place('dataset')]
  const imported = JSON.parse(await cli('import', place('feedback'), ...append, '--json'))
  expect(imported).toMatchObject({
    rowsRead: 4,
    rowsKept: 3,
    ignoredEvents: 1,
    newUsers: 1,
    newItems: 1,
    parts: 2,
  })
  const again = JSON.parse(await cli('import', place('feedback'), ...append, '--json'))
  expect(again).toMatchObject({ changed: false })
  const added = (await readRows(await openDataset(openStore(place('dataset'))))).slice(rows.length)
  expect(added.map(([user, item, weight]) => [user, item, weight])).toEqual([
    ['user-3', clicked[0], 0.25],
    ['user-3', clicked[1], 1],
    ['somebody new', 'item-new', 1],
  ])

  await cli('train', place('dataset'), '--out', place('second'), ...train)
  await cli('export', place('second'), '--k', '31')
  const part = await openStore(place('second')).read('scores/part-00000.arrow')
  const lists = tableFromIPC(part).toArray() as { user_id: string; item_ids: Iterable<string> }[]
  const listOf = (user: string) => [...(lists.find((row) => row.user_id === user)?.item_ids ?? [])]
  const known = rows.filter(([user]) => user === 'user-3').map(([, item]) => item)
  // All 31 items but what was known before and what was clicked since.
  expect(listOf('user-3')).toHaveLength(31 - known.length - 2)
  for (const item of clicked) expect(listOf('user-3')).not.toContain(item)
  expect(listOf('somebody new')).not.toContain('item-new')
  expect(listOf('somebody new')).toHaveLength(30)
}, 300_000)
