import { expect, it, onTestFinished } from 'vitest'
import { blocksOf, isRunHere } from './command-blocks.ts'
import { Reader } from './reader.ts'

it('the tutorial goes from its CSV to served lists, and to a night, as it stands', async () => {
  const page = 'docs/tutorial.md'
  expect((await blocksOf(page)).every(isRunHere)).toBe(true)
  const reader = await Reader.come()
  onTestFinished(() => reader.leave())
  const ran = await reader.follow(page)
  const outputs = ran.map(({ stdout, stderr }) => stdout + stderr)
  const [made = '', imported, trained, lists = '', published, , asked = '', night] = outputs
  expect(made).toContain('reader-1@example.org')
  expect(imported).toMatch(/users +400/)
  expect(trained).toMatch(/parts +\d\.\d+ /)
  // What the page says of reader 1.
  expect(lists.split('reader-1@example.org').at(-1)).toMatch(/Poetry, volume \d+/)
  expect(published).toMatch(/\d+ keys, .* in local KV in work\/library\/kv\nit is served now/)
  // Two answers, one after the other: reader 1's list, and what goes with a crime novel.
  const [own = '', similar = ''] = asked.replace('}{', '}\n{').split('\n').filter(Boolean)
  const idsOf = (answer: string) => (JSON.parse(answer).items as { id: string }[]).map(({ id }) => id)
  expect(idsOf(own)).toHaveLength(5)
  expect(idsOf(own).filter((id) => id.startsWith('Poetry-')).length).toBeGreaterThanOrEqual(3)
  expect(idsOf(similar)).toHaveLength(3)
  expect(idsOf(similar).every((id) => id.startsWith('Crime-'))).toBe(true)
  expect(night).toMatch(/imported rows: 2, new users: 1, new items: 0/)
  expect(night).toMatch(/gate: (passed|refused), NDCG@10 0\.\d+ against 0\.\d+ on \d+ users/)
}, 240_000)
