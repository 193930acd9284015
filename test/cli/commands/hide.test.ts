import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentProgress } from '../../../job/progress.ts'
import { LocalKv } from '../../../job/publish/local-kv.ts'
import { publishRun } from '../../../job/publish/publish-run.ts'
import { recommendationsPath } from '../../../job/serve/example-user.ts'
import { type LocalServer, startLocalServer } from '../../../job/serve/local-server.ts'
import { madeClock, madeData, makeRun } from '../../publish/made-run.ts'
import { callCli } from '../call-cli.ts'

const versionId = '20260422T031500Z-aaaaaa'
const other = '20260423T031500Z-bbbbbb'
/** A slash, a comma, an emoji and a quote. */
const nasty = 'birds/🐦, "night"'

let state: string
let server: LocalServer

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nightjar-hide-'))
  await publish(versionId)
  server = await startLocalServer({ port: 0, state })
})

afterAll(async () => {
  await server?.close()
  await rm(state, { recursive: true })
})

/** Lists of 50 of 60 items; everybody's best one, and the most popular one, has the nasty id. */
async function publish(version: string) {
  const data = madeData(version, 12, 60, 50)
  data.items[0]!.id = nasty
  for (const user of data.users) {
    user.list = Array.from({ length: 50 }, (_, i) => i)
    user.history = [{ item: 0 }]
  }
  const { run, dataset, folder } = await makeRun(data)
  const kv = new LocalKv(state)
  await publishRun(run, dataset, kv, { clock: madeClock(), progress: silentProgress })
  await kv.close()
  await rm(folder, { recursive: true })
}

const cli = async (name: string, ...args: string[]) => {
  const { code, stdout, stderr } = await callCli([name, '--at', `local:${state}`, ...args])
  expect(code, stderr).toBe(0)
  return stdout
}

const idsAt = async (path: string) => {
  const { items } = (await (await fetch(`${server.url}${path}`)).json()) as { items: { id: string }[] }
  return items.map(({ id }) => id)
}

/** Waits until the worker has read anew what is hidden; it keeps it for five seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('the worker still answers as before')
    await new Promise((later) => setTimeout(later, 200))
  }
}

test('a hidden item leaves every answer of a running server, stays out of the next version, and comes back', async () => {
  const paths = [recommendationsPath('user-1'), recommendationsPath('nobody'), '/v1/popular'] as const
  const best = () => Promise.all(paths.map(async (path) => (await idsAt(path))[0]))
  expect(await best()).toEqual([nasty, nasty, nasty])

  expect(JSON.parse(await cli('hide', nasty, '--json'))).toEqual({
    hidden: [nasty],
    alreadyHidden: [],
    live: { versionId, unknown: [] },
    items: [nasty],
    changedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
  await until(async () => !(await best()).includes(nasty))
  for (const path of paths) {
    const ids = await idsAt(`${path}?k=45`)
    expect([path, ids.length, ids.includes(nasty)]).toEqual([path, 45, false])
  }

  await publish(other)
  const served = async () => (await fetch(`${server.url}/v1/model`)).headers.get('ETag') ?? ''
  await until(async () => (await served()).includes(other))
  expect((await best()).includes(nasty)).toBe(false)

  expect(JSON.parse(await cli('unhide', '--all', '--json'))).toMatchObject({
    unhidden: [nasty],
    notHidden: [],
    items: [],
  })
  await until(async () => (await best()).every((id) => id === nasty))
}, 120_000)

test('the commands say what they did, what was so already, and what is kept for the next version', async () => {
  const place = `local KV in ${state}`
  expect(await cli('hide', 'item-1', nasty, 'two\nlines', '--', '-x')).toBe(
    [
      'hidden: -x',
      `hidden: ${nasty}`,
      'hidden: item-1',
      'hidden: "two\\nlines"',
      'note: -x is not in the live version: nothing to hide today, kept for the next',
      'note: "two\\nlines" is not in the live version: nothing to hide today, kept for the next',
      `4 hidden in ${place}; gone from every answer within about two minutes`,
      '',
    ].join('\n'),
  )
  expect(await cli('hide', 'item-1')).toBe(`was hidden already: item-1\n4 hidden in ${place}\n`)
  expect(await cli('hidden')).toBe(`-x\n${nasty}\nitem-1\n"two\\nlines"\n`)
  expect(await cli('unhide', 'item-1', 'item-2')).toBe(
    `answered again: item-1\nwas not hidden: item-2\n3 hidden in ${place}\n`,
  )
}, 120_000)

test.each([
  [['hide', ''], /invalid item: it is empty/],
  [['hide'], /missing required argument 'item'/],
  [['unhide'], /invalid items: want item ids, or --all/],
  [['unhide', 'a', '--all'], /invalid items: want item ids, or --all/],
  [['hidden', '--at', 'mars'], /mars/],
])('%j is wrong use', async (args, message) => {
  const { code, stderr } = await callCli(args)
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
})
