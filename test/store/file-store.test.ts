import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileStore } from '../../job/store/file-store.ts'
import { openStore } from '../../job/store/open-store.ts'
import { tempFolder } from '../temp-folder.ts'
import { storeContract } from './store-contract.ts'

storeContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-store-'))
  return { store: new FileStore(folder), close: () => rm(folder, { recursive: true, force: true }) }
})

it('opens paths and file URIs, and refuses schemes that no store speaks', async () => {
  const folder = await tempFolder()
  await openStore(folder).put('x', Uint8Array.of(1))
  expect(await openStore(`file://${folder}`).size('x')).toBe(1)
  expect(() => openStore('gopher://somewhere')).toThrow(/unknown place: gopher/)
})

it('reports a folder that cannot be written with what and where', async () => {
  const folder = await tempFolder()
  await openStore(folder).put('file', Uint8Array.of(1))
  // A file where a folder is wanted: no user, not even root, can write below it.
  await expect(openStore(join(folder, 'file')).put('below', Uint8Array.of(1))).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining('file/below'),
  })
})

it.runIf(process.platform === 'linux')(
  'a folder that may not be written to is told, with what to do',
  async () => {
    // Nobody may make a folder there, root neither.
    await expect(openStore('/sys/kernel/nightjar').put('file', Uint8Array.of(1))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      fix: 'name another folder, or get the right to this one',
    })
  },
)

it('ends with an error where a folder can never be made, instead of trying for ever', async () => {
  await expect(openStore('/proc/no/such').put('file', Uint8Array.of(1))).rejects.toMatchObject({
    code: expect.stringMatching(/STORE_FAILED|NOT_FOUND/),
  })
})
