import { expect, onTestFinished, test } from 'vitest'
import { Reader } from './reader.ts'
import { writeDemoFiles } from './small-shop.ts'

test('the examples of the command line can be run after the first, in their order', async () => {
  const reader = await Reader.come()
  onTestFinished(() => reader.leave())
  await writeDemoFiles(reader.folder)
  const ran = await reader.follow('docs/reference/cli.md')
  const outputOf = (command: string) => ran.find(({ text }) => text.includes(command))?.stdout ?? ''
  expect(outputOf('nightjar versions')).toMatch(/current/)
  expect(JSON.parse(outputOf('nightjar evaluate work/run --test work/demo/test.csv --k 1,10'))).toMatchObject(
    {
      metrics: { '10': { ndcg: expect.any(Number) } },
    },
  )
  expect(outputOf('nightjar hide')).toMatch(/^hidden: pottery-2\nhidden: tea-1\n2 hidden in local KV in /)
  expect(outputOf('nightjar unhide')).toMatch(/tea-1/)
  expect(outputOf('nightjar forget')).toMatch(/user-17/)
}, 600_000)
