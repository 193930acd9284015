import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nightjarApp } from '../../infra/nightjar-app.ts'
import { Match, Template } from '../../infra/node_modules/aws-cdk-lib/assertions/index.js'
import { Bucket } from '../../infra/node_modules/aws-cdk-lib/aws-s3/index.js'
import type { Stack } from '../../infra/node_modules/aws-cdk-lib/index.js'

export { Bucket, Match }

// Imported where CDK is installed, and not before.

/** The stack as CDK synthesises it with a context. */
export function synthesised(context: Record<string, string> = {}): Template {
  return withFolder((outdir) => Template.fromStack(stackOf(nightjarApp({ context, outdir }))))
}

/** The rules of cdk-nag that the stack breaks, once something was added to it. */
export function brokenRules(add: (stack: Stack) => void = () => {}): string[] {
  return withFolder((outdir) => {
    const app = nightjarApp({ outdir })
    add(stackOf(app))
    try {
      app.synth()
    } catch (error) {
      if (!String(error).includes('alidation')) throw error
    }
    const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
      pluginReports: { violations: { ruleName: string }[] }[]
    }
    return pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName))
  })
}

function stackOf(app: ReturnType<typeof nightjarApp>): Stack {
  return app.node.findChild('nightjar') as Stack
}

function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-cdk-'))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
