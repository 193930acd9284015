import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore } from '../../../job/store/open-store.ts'
import { nastyShop, quickTraining, reportedRun } from '../../report/reported-run.ts'
import { tempFolder } from '../../temp-folder.ts'
import { callCli } from '../call-cli.ts'

it('report writes a page beside the run, or where --out says, with the run of --against in it', async () => {
  const dataset = await nastyShop()
  const run = await reportedRun(dataset)
  const other = await reportedRun(dataset, { ...quickTraining, seed: 2 })
  const plain = await callCli(['report', run.store.uri])
  expect(plain.code, plain.stderr).toBe(0)
  expect(plain.stdout).toContain(join(run.store.uri, 'report.html'))
  const folder = await tempFolder()
  const out = join(folder, 'both.html')
  const both = await callCli(['report', run.store.uri, '--against', other.store.uri, '--out', out, '--json'])
  expect(both.code, both.stderr).toBe(0)
  const page = await openStore(folder).read('both.html')
  expect(JSON.parse(both.stdout)).toMatchObject({
    versionId: run.manifest.versionId,
    against: other.manifest.versionId,
    report: out,
    bytes: page.length,
  })
  expect(new TextDecoder().decode(page)).toContain(other.manifest.versionId)
  const none = await callCli(['report', dataset.store.uri])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('[RUN_MANIFEST]')])
})
