// Adds up the test reports of a CI run: `node scripts/ci-summary.mjs REPORT_FOLDER [FAILED_STAGE...]`.
// A capability is skipped where a suite named `[needs it] ...` was; data that the owner must bring is named but
// never counts as missing in a full run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const broughtByTheOwner = new Set(['real-data'])

/**
 * Counts and skipped capabilities of vitest's JSON reports. What is skipped is told by the first report alone: the
 * others repeat some of its tests on another Node.
 */
function summarize(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const capabilities = new Set()
  for (const [index, report] of reports.entries()) {
    for (const file of report.testResults) {
      // A file that could not even be loaded has no tests to count, and is a failure all the same.
      if (file.status === 'failed' && file.assertionResults.length === 0) counts.failed++
      for (const test of file.assertionResults) {
        if (test.status === 'passed') counts.passed++
        else if (test.status === 'failed') counts.failed++
        else if (index === 0) {
          counts.skipped++
          const needs = /\[needs ([\w-]+)\]/.exec(test.fullName)
          if (needs) capabilities.add(needs[1])
        }
      }
    }
  }
  return { counts, capabilities: [...capabilities].sort() }
}

{
  const [folder, ...failedStages] = process.argv.slice(2)
  const names = ['test.json', 'node22.json'].filter((name) => existsSync(join(folder, name)))
  const { counts, capabilities } = summarize(
    names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  )
  if (counts.passed === 0) failedStages.push('no test ran')
  for (const stage of failedStages) console.log(`failed stage: ${stage}`)
  // A stage without tests of its own that failed must show in the last line too.
  if (counts.failed === 0) counts.failed = failedStages.length
  console.log(`skipped: ${capabilities.join(', ') || 'nothing'}`)
  const missing = capabilities.filter((name) => !broughtByTheOwner.has(name))
  if (process.env.NIGHTJAR_NOTHING_SKIPPED && missing.length > 0) {
    console.log(`a full run must not skip: ${missing.join(', ')}`)
    counts.failed++
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed > 0 ? 1 : 0
}
