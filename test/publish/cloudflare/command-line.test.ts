import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeJson } from '../../../job/publish/pointer.ts'
import { currentKey, hiddenKey } from '../../../shared/kv-keys.ts'
import { callCli } from '../../cli/call-cli.ts'
import { runCli } from '../../cli/run-cli.ts'
import { accountId, FakeCloudflare, namespaceId, token } from './fake-cloudflare.ts'

let fake: FakeCloudflare
beforeAll(async () => {
  fake = await FakeCloudflare.open()
})
afterAll(() => fake.close())

const place = `cloudflare:${namespaceId}`
const settings = () => ({
  CLOUDFLARE_ACCOUNT_ID: accountId,
  CLOUDFLARE_API_TOKEN: token,
  CLOUDFLARE_API_BASE_URL: fake.baseUrl,
})
const run = (args: string[], env: Record<string, string> = {}) =>
  callCli(args, { env: { ...settings(), ...env } })

test('hide, hidden, unhide, versions and rollback work at Cloudflare, and never print the token', async () => {
  const hid = await runCli(['hide', 'tea-1', '--at', place], { env: settings() })
  expect([hid.code, hid.stdout]).toEqual([0, expect.stringContaining('hidden: tea-1')])
  expect(fake.kv.values.has(hiddenKey)).toBe(true)
  const listed = await run(['hidden', '--at', place])
  expect(listed.stdout).toBe('tea-1\n')
  const shown = await run(['unhide', '--all', '--at', place, '--json'])
  expect(JSON.parse(shown.stdout)).toMatchObject({ unhidden: ['tea-1'], items: [] })
  const pointer = {
    current: 'b',
    previous: 'a',
    pinned: 'b',
    retained: ['b', 'a'],
    publishedAt: '2026-04-23',
  }
  fake.kv.values.set(currentKey, encodeJson(pointer))
  const versions = await run(['versions', '--at', place])
  expect([versions.code, versions.stdout]).toEqual([0, expect.stringContaining('current, pinned')])
  const unpinned = await run(['rollback', '--unpin', '--at', place])
  expect(unpinned.code).toBe(0)
  expect(fake.kv.json(currentKey)).toMatchObject({ current: 'b', pinned: null })
  const wrong = 'wrong-token-9876543210'
  const refused = await runCli(['hidden', '--at', place, '--verbose'], {
    env: { ...settings(), CLOUDFLARE_API_TOKEN: wrong },
  })
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('[KV_FORBIDDEN]')])
  const broken = await run(['hidden', '--at', place], { CLOUDFLARE_API_TOKEN: 'two words-of-it' })
  expect([broken.code, broken.stderr]).toEqual([
    2,
    expect.stringContaining('CLOUDFLARE_API_TOKEN is not of its form'),
  ])
  const unset = await run(['hidden', '--at', place], { CLOUDFLARE_API_TOKEN: '' })
  expect([unset.code, unset.stderr]).toEqual([
    2,
    expect.stringMatching(/CLOUDFLARE_API_TOKEN is not set\nFix: export .*serve\.md/),
  ])
  const outputs = [hid, listed, shown, versions, unpinned, refused, broken, unset]
    .map((r) => r.stdout + r.stderr)
    .join()
  for (const secret of [token, wrong, 'words-of-it']) expect(outputs).not.toContain(secret)
})
