import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { LocalKv } from '../../job/publish/local-kv.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { exampleUser, recommendationsPath } from '../../job/serve/example-user.ts'
import { type LocalServer, startLocalServer } from '../../job/serve/local-server.ts'
import { nastyIds } from '../nasty-ids.ts'
import { type MadeData, madeClock, madeData, makeRun, scoreOf } from '../publish/made-run.ts'

const first = '20260422T031500Z-aaaaaa'
const second = '20260423T031500Z-bbbbbb'

let state: string
let kv: LocalKv
let server: LocalServer

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nightjar-serve-'))
  kv = new LocalKv(state)
  server = await startLocalServer({ port: 0, state })
})

afterAll(async () => {
  await server.close()
  await kv.close()
  await rm(state, { recursive: true })
})

async function publish(data: MadeData) {
  const { run, dataset, folder } = await makeRun(data)
  await publishRun(run, dataset, kv, { clock: madeClock(), progress: silentProgress })
  await rm(folder, { recursive: true })
}

const answerFor = async (userId: string, k: number) =>
  (await fetch(`${server.url}${recommendationsPath(userId)}?k=${k}`)).json()

const dataOf = (versionId: string): MadeData => {
  const data = madeData(versionId, 60, 40, 20)
  nastyIds.forEach((id, u) => {
    data.users[u]!.id = id
    data.items[u]!.id = id
  })
  return data
}

test('what is published while it serves is served: first nothing, then the lists, then the next ones', async () => {
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(503)
  expect(await exampleUser(kv)).toBeUndefined()

  const data = dataOf(first)
  await publish(data)
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
  expect(data.users.map((user) => user.id)).toContain(await exampleUser(kv))
  for (const [index, user] of data.users.entries()) {
    expect(await answerFor(user.id, 20)).toEqual({
      versionId: first,
      userId: user.id,
      source: 'personal',
      recommendationId: expect.any(String),
      items: user.list.map((item, rank) => ({
        id: data.items[item]?.id,
        title: data.items[item]?.title,
        score: scoreOf(index, rank),
      })),
    })
  }
  expect(await answerFor('nobody', 1)).toMatchObject({ versionId: first, source: 'popular' })
  // Explaining a list shows a history. It takes no key here; what is missing is the version's fold-in component.
  const explained = await fetch(`${server.url}${recommendationsPath('a/b')}?explain=true`)
  expect(await explained.json()).toMatchObject({ code: 'no-fold-in' })

  const statuses = new Set<number>()
  let published = false
  const publishing = publish(dataOf(second)).then(() => {
    published = true
  })
  while (!published) statuses.add((await fetch(`${server.url}${recommendationsPath('a/b')}`)).status)
  await publishing
  const deadline = Date.now() + 10_000
  const servedVersion = async () => ((await answerFor('a/b', 1)) as { versionId: string }).versionId
  while ((await servedVersion()) !== second && Date.now() < deadline) {
    await new Promise((later) => setTimeout(later, 100))
  }
  expect(await servedVersion()).toBe(second)
  expect([...statuses]).toEqual([200])
})

test('a port that is taken is an error that names it; closing frees the port', async () => {
  await expect(startLocalServer({ port: server.port, state })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `port ${server.port} of 127.0.0.1 is taken`,
  })
  const other = await startLocalServer({ port: 0, state })
  expect(other.port).not.toBe(server.port)
  expect((await fetch(`${other.url}/health/live`)).status).toBe(200)
  await other.close()
  await new Promise<void>((listening, failed) => {
    const again = createServer().once('error', failed)
    again.listen(other.port, '127.0.0.1', () => again.close(() => listening()))
  })
})
