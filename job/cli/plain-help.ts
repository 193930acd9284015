import type { Command, Option } from 'commander'

/** How help is written: commands without `[options]`, which all of them have; defaults as one would type them. */
export const plainHelp = {
  subcommandTerm(command: Command): string {
    return `${command.name()} ${command.usage().replace('[options]', '').trim()}`.trim()
  },

  optionDescription(option: Option): string {
    const { description, mandatory, defaultValue, defaultValueDescription } = option
    const hasValue = option.required || option.optional || typeof defaultValue === 'boolean'
    const usual = hasValue && !option.negate ? (defaultValueDescription ?? typed(defaultValue)) : ''
    if (usual !== '') return `${description} (default: ${usual})`
    return mandatory ? `${description} (required)` : description
  },
}

/** Empty where it is nothing, or a list of nothing. */
function typed(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.join(',')
  if (typeof value === 'object') return Object.keys(value ?? {}).length === 0 ? '' : JSON.stringify(value)
  return String(value)
}
