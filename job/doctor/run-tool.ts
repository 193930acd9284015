import { execFile } from 'node:child_process'

/** Runs a tool that may not be there, or may hang: what it printed, or undefined where it did not end well in time. */
export type RunTool = (command: string, args: string[]) => Promise<string | undefined>

export const runTool: RunTool = (command, args) => runToolWithin(10_000, command, args)

/** @param limitMs one that takes longer is killed, and not waited for: a tool stuck in a driver cannot be */
export function runToolWithin(limitMs: number, command: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(command, args, (error, stdout) => end(error === null ? stdout : undefined))
    const timer = setTimeout(() => end(undefined), limitMs)
    function end(printed: string | undefined): void {
      clearTimeout(timer)
      child.kill('SIGKILL')
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      resolve(printed)
    }
  })
}
