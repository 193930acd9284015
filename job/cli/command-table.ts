import type { Command } from 'commander'
import type { Cloud } from '../cloud/cloud.ts'

/**
 * The commands in the order of the pipeline: the help reads as what happens to the data. Each is loaded when it is asked for:
 * what all of them need takes a second to read.
 */
export const commands: Readonly<Record<string, (cloud: () => Cloud) => Promise<Command>>> = {
  import: async () => (await import('./commands/import.ts')).importCommand(),
  split: async () => (await import('./commands/split.ts')).splitCommand(),
  models: async () => (await import('./commands/models.ts')).modelsCommand(),
  tune: async () => (await import('./commands/tune.ts')).tuneCommand(),
  train: async () => (await import('./commands/train.ts')).trainCommand(),
  'fold-in': async () => (await import('./commands/fold-in.ts')).foldInCommand(),
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  publish: async () => (await import('./commands/publish.ts')).publishCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  nightly: async () => (await import('./commands/nightly.ts')).nightlyCommand(),
  versions: async () => (await import('./commands/versions.ts')).versionsCommand(),
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand(),
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand(),
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand(),
  submit: async (cloud) => (await import('./commands/submit.ts')).submitCommand(cloud),
  status: async (cloud) => (await import('./commands/status.ts')).statusCommand(cloud),
  logs: async (cloud) => (await import('./commands/logs.ts')).logsCommand(cloud),
  cancel: async (cloud) => (await import('./commands/cancel.ts')).cancelCommand(cloud),
  list: async (cloud) => (await import('./commands/list.ts')).listCommand(cloud),
  schedule: async (cloud) => (await import('./commands/schedule.ts')).scheduleCommand(cloud),
  hide: async () => (await import('./commands/hide.ts')).hideCommand(),
  unhide: async () => (await import('./commands/unhide.ts')).unhideCommand(),
  hidden: async () => (await import('./commands/hidden.ts')).hiddenCommand(),
  forget: async () => (await import('./commands/forget.ts')).forgetCommand(),
  compact: async () => (await import('./commands/compact.ts')).compactCommand(),
  feedback: async () => (await import('./commands/feedback.ts')).feedbackCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  demo: async () => (await import('./commands/demo.ts')).demoCommand(),
}
