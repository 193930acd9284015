import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { projectRoot } from '../../job/project-root.ts'
import { LocalKv } from '../../job/publish/local-kv.ts'
import { openTarget } from '../../job/publish/open-target.ts'
import { describeKvTarget } from './kv-target-contract.ts'
import { MemoryKv } from './memory-kv.ts'

const folders: string[] = []
const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-kv-'))
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

describeKvTarget('LocalKv', async () => new LocalKv(await newFolder()))
describeKvTarget('MemoryKv, which other tests stand on', async () => new MemoryKv())

test('what was put is there for the next process, in the folder that wrangler dev reads', async () => {
  const folder = await newFolder()
  const one = new LocalKv(folder)
  await one.putMany([{ key: 'kept', value: Uint8Array.of(1, 2) }])
  await one.close()
  expect(await readdir(folder)).toEqual(['v3'])
  const other = new LocalKv(folder)
  expect(await other.get('kept')).toEqual(Uint8Array.of(1, 2))
  await other.close()
})

test('closing what was never used starts nothing', async () => {
  const folder = await newFolder()
  await new LocalKv(folder).close()
  expect(await readdir(folder)).toEqual([])
})

test('an unknown place is a usage error', () => {
  for (const place of ['remote', 'local:', 'kv://x', '']) {
    expect(() => openTarget(place)).toThrow(
      `unknown place to publish to: ${place} (want local, local:STATE_FOLDER or cloudflare:NAMESPACE_ID)`,
    )
  }
  expect(openTarget('local:some/folder').name).toBe('local KV in some/folder')
})

test('the usual state folder is named from the working folder on, or in full from elsewhere', async () => {
  expect(openTarget('local').name).toBe('local KV in .wrangler/state')
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(await newFolder())
  expect(openTarget('local').name).toBe(`local KV in ${join(projectRoot(), '.wrangler', 'state')}`)
  cwd.mockRestore()
})

test('a state folder that can never be made is an error, not a wait for ever', async () => {
  const kv = new LocalKv('/proc/no/such')
  await expect(kv.get('x')).rejects.toThrow('/proc/no/such')
  await kv.close()
})
