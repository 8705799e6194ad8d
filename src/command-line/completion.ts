// sluice completion bash|zsh|fish: a script made of the table of commands. Every word in it is ours, and none needs quoting. Pure.
import { AppError } from '../errors.ts'
import { allCommands } from './commands.ts'
import { common, type Noun, type Option } from './verb.ts'

export const shells = ['bash', 'zsh', 'fish'] as const

export const completionHelp = `Prints a script that completes commands, verbs and options.

  sluice completion bash > /etc/bash_completion.d/sluice
  sluice completion zsh  > "\${fpath[1]}/_sluice"
  sluice completion fish > ~/.config/fish/completions/sluice.fish
`

interface Place {
  /** What was said so far: "", "functions", "functions list". */
  after: string
  words: string[]
}

export function completion(shell: string, nouns: Readonly<Record<string, Noun>>): string {
  const places = placesOf(nouns)
  if (shell === 'bash') return bash(places)
  if (shell === 'zsh') return `#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n${bash(places)}`
  if (shell === 'fish') return fish(places)
  throw new AppError('malformed', `Which shell? ${completionHelp}`)
}

function placesOf(nouns: Readonly<Record<string, Noun>>): Place[] {
  const ofNouns = Object.entries(nouns).flatMap(([name, { verbs }]) => [
    { after: name, words: Object.keys(verbs) },
    ...Object.entries(verbs).map(([verb, one]) => ({
      after: `${name} ${verb}`,
      words: optionsOf({ ...one.options, ...common }),
    })),
  ])
  return [
    { after: '', words: [...allCommands] },
    { after: 'completion', words: [...shells] },
    { after: 'config', words: ['show', 'set', 'unset'] },
    ...ofNouns,
  ]
}

const optionsOf = (options: Readonly<Record<string, Option>>) => Object.keys(options).map(name => `--${name}`)

function bash(places: readonly Place[]): string {
  const cases = places.map(({ after, words }) => `    "${after}") words="${words.join(' ')}" ;;\n`).join('')
  return `_sluice() {
  local current="\${COMP_WORDS[COMP_CWORD]}" said="" words="" at
  for ((at = 1; at < COMP_CWORD && at < 3; at++)); do
    said="\${said:+$said }\${COMP_WORDS[at]}"
  done
  case "$said" in
${cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sluice sluice
`
}

function fish(places: readonly Place[]): string {
  const lines = places.map(({ after, words }) => {
    const [first, second] = after.split(' ')
    const when = !first
      ? '__fish_use_subcommand'
      : second
        ? `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`
        : `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${words.join(' ')}`
    const options = words.filter(word => word.startsWith('--')).map(word => ` -l ${word.slice(2)}`)
    const plain = words.filter(word => !word.startsWith('--'))
    return [
      ...options.map(option => `complete -c sluice -n '${when}'${option}\n`),
      ...(plain.length > 0 ? [`complete -c sluice -f -n '${when}' -a '${plain.join(' ')}'\n`] : []),
    ].join('')
  })
  return lines.join('')
}
