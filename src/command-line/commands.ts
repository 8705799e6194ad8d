// The words the program begins with, by whom they talk to. Light: main.ts reads it before it knows what is wanted.

/** To a server, over HTTP. */
export const ofServer = [
  'functions',
  'executions',
  'builds',
  'environments',
  'deletions',
  'tokens',
  'keys',
  'variables',
  'vercel',
] as const

/** What they keep on this machine. */
export const ofLogin = ['login', 'logout', 'config', 'completion'] as const

/** On the server's own machine: they are it, or work on its database. */
export const ofOperator = [
  'start',
  'doctor',
  'migrate',
  'token',
  'key',
  'master-key',
  'previews',
  'sandbox',
  'demo',
  'help',
] as const

export const allCommands: readonly string[] = [...ofServer, ...ofLogin, ...ofOperator]
