import { nightjarApp } from './nightjar-app.ts'

// What cdk.json runs. The CLI gives the context and the folder to write to by its environment.
nightjarApp().synth()
