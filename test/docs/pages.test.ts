import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ran, Reader } from './reader.ts'
import { makeSmallShop } from './small-shop.ts'

let reader: Reader
beforeAll(async () => {
  reader = await Reader.come()
  await makeSmallShop(reader)
  await reader.keep()
}, 120_000)
beforeEach(() => reader.startOver())
afterAll(() => reader.leave())

const outputOf = (ran: Ran[]) => ran.map(({ stdout }) => stdout).join('')

/** Pages that presuppose a shop, and what their commands print on the small one. */
const printed: Record<string, RegExp> = {
  'docs/formats.md': /^4115888500 v\/VERSION\/b\/20$/m,
  'docs/models.md': /parts .*(ials|ease)/,
  'docs/how-to/forget-a-user.md': /user-17 taken out.*gone from work\/shop: 1 users/s,
  'docs/how-to/inspect.md': /Had \d+ rows.*Who has it also has.*same lists.*Tea.*user-7/s,
  'docs/how-to/nightly.md': /outcome +published/,
  'docs/how-to/report.md': /work\/run\/report\.html/,
  'docs/how-to/serve.md': /it is served now/,
}

/** What a page presupposes beside the shop. */
const prepared: Record<string, (folder: string) => Promise<void>> = {
  // Somebody was published, who is to be forgotten.
  'docs/how-to/forget-a-user.md': (folder) =>
    cp(join(folder, 'work', 'demo', 'state'), join(folder, '.wrangler', 'state'), { recursive: true }),
}

describe('commands of a page end well, one after the other, on a small shop:', () => {
  test.each(Object.entries(printed))(
    '%s',
    async (page, pattern) => {
      await prepared[page]?.(reader.folder)
      expect(outputOf(await reader.follow(page))).toMatch(pattern)
    },
    240_000,
  )

  test('docs/reference/api.md, whose answers have the fields that it shows', async () => {
    await reader.serve('npx nightjar serve --at local:work/demo/state')
    const ran = await reader.follow('docs/reference/api.md')
    const answered = ran.filter(({ shown }) => shown?.language === 'json')
    expect(answered.length).toBeGreaterThan(4)
    for (const { text, stdout, shown } of answered)
      expect(fieldsOf(JSON.parse(stdout)), text).toEqual(fieldsOf(JSON.parse(shown?.text ?? '')))
  }, 120_000)
})

/** Of an answer its fields with the kinds of their values; of a list the first one's. */
function fieldsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(fieldsOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldsOf(field)]))
}
