import type { Command } from 'commander'
import { commands } from '../../job/cli/command-table.ts'

export interface NamedCommand {
  /** As on the command line: `feedback pull`. */
  name: string
  command: Command
}

/** Every command of the table, and the parts of those that have parts; nothing is run. */
export async function everyCommand(): Promise<NamedCommand[]> {
  const found: NamedCommand[] = []
  for (const load of Object.values(commands)) {
    const command = await load(() => {
      throw new Error('nothing is run')
    })
    found.push({ name: command.name(), command })
    for (const part of command.commands)
      found.push({ name: `${command.name()} ${part.name()}`, command: part })
  }
  return found
}
