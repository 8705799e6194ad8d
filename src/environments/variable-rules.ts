// What a variable of an environment may be called and how large it may be: one table of the names that are not the user's,
// because they change how Node, the shell, the loader or a package manager works, or are set by us. Pure.

export const maxValueBytes = 32_768
/** Of all variables that one environment gets, names included. */
export const maxTotalBytes = 262_144
export const maxVariables = 500
const maxNameLength = 128

interface Reserved {
  names: RegExp
  because: string
}

const reserved: readonly Reserved[] = [
  { names: /^(DEFER_|SLUICE_)/i, because: 'Sluice sets it' },
  { names: /^(NODE_|UV_THREADPOOL_SIZE$|OPENSSL_|SSL_CERT_)/i, because: 'it changes how Node works' },
  { names: /^(LD_|DYLD_|GCONV_PATH$|MALLOC_|GLIBC_)/i, because: 'it changes how programs are loaded' },
  { names: /^(FORCE_COLOR|NO_COLOR)$/i, because: 'it changes what is read of the output' },
  {
    names: /^(PATH|HOME|PWD|OLDPWD|SHELL|USER|LOGNAME|TMPDIR|TMP|TEMP|TZ|LANG|LC_\w+|CI|XDG_\w+)$/i,
    because: 'Sluice sets it',
  },
  {
    names: /^(BASH_\w*|ENV|IFS|PS4|PROMPT_COMMAND|SHELLOPTS|CDPATH)$/i,
    because: 'it changes how shells work',
  },
  {
    names: /^(npm_config_|npm_lifecycle_|npm_package_|pnpm_config_|COREPACK_|BUN_)/i,
    because: 'it changes how packages are installed; settings of a project belong in its own files',
  },
  {
    names: /^YARN_(?!NPM_AUTH_TOKEN$|NPM_AUTH_IDENT$)/i,
    because: 'it changes how packages are installed; settings of a project belong in its own files',
  },
  {
    names:
      /^GIT_(SSH|SSH_COMMAND|ASKPASS|EXEC_PATH|EXTERNAL_DIFF|PROXY_COMMAND|TEMPLATE_DIR|DIR|CONFIG\w*)$/i,
    because: 'it names a program for Git to run',
  },
  { names: /^(__proto__|constructor|prototype)$/, because: 'JavaScript has another use for it' },
]

/** Those that count in an environment, whose own one takes the place of the repository's of that name. */
export function inEffect<One extends { name: string; environmentId: string | null }>(
  rows: readonly One[],
  environmentId: string,
): One[] {
  const ofRepository = rows.filter(row => row.environmentId === null)
  const own = rows.filter(row => row.environmentId === environmentId)
  return [...new Map([...ofRepository, ...own].map(row => [row.name, row])).values()]
}

/** Null: the name may be used. */
export function refuseName(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > maxNameLength)
    return `${JSON.stringify(name.slice(0, maxNameLength))} is no name of a variable: use letters, digits and _, not a digit first, at most ${maxNameLength} of them`
  const found = reserved.find(({ names }) => names.test(name))
  return found ? `${name} cannot be set: ${found.because}` : null
}

/** Null: the value may be kept. Never repeats it. */
export function refuseValue(name: string, value: string): string | null {
  if (value === '') return `The value of ${name} is empty; remove the variable instead`
  if (value.includes('\0')) return `The value of ${name} holds a NUL character, which no variable can`
  if (!value.isWellFormed()) return `The value of ${name} is no UTF-8 text`
  const bytes = Buffer.byteLength(value)
  return bytes > maxValueBytes
    ? `The value of ${name} has ${bytes} bytes, more than the ${maxValueBytes} that are taken; keep large values in a store and the key to it here`
    : null
}

/** Null: all of them together fit into a process's environment. */
export function refuseTotal(values: Record<string, string>): string | null {
  const entries = Object.entries(values)
  if (entries.length > maxVariables) return `There would be more than ${maxVariables} variables`
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value) + 2, 0)
  return bytes > maxTotalBytes
    ? `The variables would have ${bytes} bytes together, more than the ${maxTotalBytes} that are taken`
    : null
}
