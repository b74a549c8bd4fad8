/**
 * `npm test`: sets up and runs every test (arguments go to vitest), whatever is known from before, as a step of our own
 * tutti.ts; then prints real counts as the last line.
 * With TUTTI_TEST_COUNTS=FILE it writes `{passed, failed, skipped, failures}` there, for .ci/run.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setup } from './setup.mjs'
import { tutti } from './tutti.mjs'

setup()
const folder = mkdtempSync(join(tmpdir(), 'tutti-test-'))
const report = join(folder, 'report.json')
const words = ['--input', JSON.stringify({ words: process.argv.slice(2) })]
const code = tutti(['run', 'tutti.ts', 'test', '--fresh=tests', '--verbose', ...words], { TUTTI_TEST_REPORT: report })
const counts = readCounts(report, code)
rmSync(folder, { recursive: true, force: true })
if (process.env.TUTTI_TEST_COUNTS) writeFileSync(process.env.TUTTI_TEST_COUNTS, JSON.stringify(counts))
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : code

/** A file that fails to load has no tests, and a crash leaves no report: each counts as one failure. */
function readCounts(path, exitCode) {
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const broken = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + broken
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(failuresIn),
  }
}

/** A line each: what failed, and the first line of why. */
function failuresIn({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter(test => test.status === 'failed')
  if (status === 'failed' && assertionResults.length === 0) return [`${name}: ${firstLine(message)}`]
  return failed.map(test => `${name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`)
}

const firstLine = (text = '') => text.split('\n')[0]
