// Adds up the test reports of a CI run: `node scripts/ci-summary.mjs REPORT_FOLDER [FAILED_STAGE...]`.
// A capability is skipped where a suite named `[needs it] ...` was; data that the owner must bring is named but
// never counts as missing in a full run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const broughtByTheOwner = new Set(['real-data'])

/**
 * Counts, failures and skipped capabilities of vitest's JSON reports. What is skipped is told by the first report alone:
 * the others repeat some of its tests on another Node.
 */
function summarize(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures = []
  const capabilities = new Set()
  for (const [index, report] of reports.entries()) {
    for (const file of report.testResults) {
      // A file that could not even be loaded has no tests to count, and is a failure all the same.
      if (file.status === 'failed' && file.assertionResults.length === 0) {
        counts.failed++
        failures.push(`${file.name}: ${firstLine(file.message)}`)
      }
      for (const test of file.assertionResults) {
        if (test.status === 'passed') counts.passed++
        else if (test.status === 'failed') {
          counts.failed++
          failures.push(`${file.name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`)
        } else if (index === 0) {
          counts.skipped++
          const needs = /\[needs ([\w-]+)\]/.exec(test.fullName)
          if (needs) capabilities.add(needs[1])
        }
      }
    }
  }
  return { counts, failures, capabilities: [...capabilities].sort() }
}

const firstLine = (message = '') => message.split('\n')[0]

{
  const [folder, ...failedStages] = process.argv.slice(2)
  const names = ['test.json', 'node22.json'].filter((name) => existsSync(join(folder, name)))
  const { counts, failures, capabilities } = summarize(
    names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  )
  if (counts.passed === 0) failedStages.push('no test ran')
  // Last, for the end of a log is what is read first.
  for (const failure of failures) console.log(`failed: ${failure}`)
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
