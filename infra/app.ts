import { nightjarApp } from './nightjar-app.ts'
import { SettingError } from './stack/settings.ts'

// What cdk.json runs. The CLI gives the context and the folder to write to by its environment.
try {
  nightjarApp().synth()
} catch (error) {
  if (!(error instanceof SettingError)) throw error
  process.stderr.write(`${error.message}\nSettings are in infra/README.md\n`)
  // At once: at a natural end CDK would synthesise what there is of the stack.
  process.exit(2)
}
