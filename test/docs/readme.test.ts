import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { csvLine } from '../../job/data/csv-text.ts'
import { Reader } from './reader.ts'
import { csvOf, smallShop } from './small-shop.ts'

/** Where the worker keeps feedback on one's own machine. */
const feedback = '.wrangler/state/v3/r2/nightjar-feedback/blobs'

test("the README's commands go from one's own files to lists, feedback and a measured model", async () => {
  const reader = await Reader.come()
  onTestFinished(() => reader.leave())
  const file = (name: string) => join(reader.folder, name)
  const { train, test, items } = smallShop()
  // The page writes USER and ITEM where a reader writes ids: here there are such.
  const itemOf = (id: string) => (id === 'tea-1' ? 'ITEM' : id)
  const rows = [...train, ...test].map(({ userId, itemId }) => ({
    userId: userId === 'user-1' ? 'USER' : userId,
    itemId: itemOf(itemId),
  }))
  const titles = items.map(({ id, title, category }) => [itemOf(id), title, category])
  await writeFile(file('interactions.csv'), csvOf(rows))
  await writeFile(file('titles.csv'), [['item_id', 'title', 'category'], ...titles].map(csvLine).join(''))
  // A look at every fifth epoch, and no hundreds of them: what the shop is too small for anyway.
  await writeFile(file('nightjar.config.json'), JSON.stringify({ train: { epochs: 15 } }))

  const ran = await reader.follow('README.md', async ({ text }) => {
    // The worker's queue gathers for five seconds.
    if (!text.includes('feedback pull')) return
    await vi.waitFor(async () => expect(await readdir(file(feedback))).not.toEqual([]), {
      timeout: 60_000,
      interval: 500,
    })
  })
  const outputOf = (command: string) => ran.find(({ text }) => text.includes(command))?.stdout
  expect(outputOf('nightjar report')).toMatch(/report\.html/)
  expect(outputOf('/v1/feedback')).toMatch(/"source":"personal".*"source":"fold-in".*\{"accepted":1\}/s)
  expect(outputOf('feedback pull')).toMatch(/1 object.*rows +1 /s)
  expect(outputOf('nightjar evaluate')).toMatch(/NDCG/i)
}, 240_000)
