// What can be changed of variables, tokens and keys, one each, with the role it takes; and the event that says so.
import { makeKey } from '../../api/keys/key.ts'
import { insertKey, revokeKey } from '../../api/keys/keys-store.ts'
import { revokeToken } from '../../api/tokens/tokens-store.ts'
import { createToken } from '../../api/tokens.ts'
import { keyRoles, variableScopes } from '../../db/schema/columns.ts'
import { parseDuration } from '../../duration.ts'
import type { Role } from '../../environments/repository-file.ts'
import { removeVariable, setVariables } from '../../environments/variables.ts'
import { AppError } from '../../errors.ts'
import type { EventType } from '../../events/types.ts'
import type { Console, InEnvironment } from '../context.ts'

export interface Changed {
  event: EventType
  name: string
  message: string
  /** A token or key: shown this once. */
  secret?: string
}

interface Change {
  role: Role
  work(console: Console, visit: InEnvironment, form: URLSearchParams): Promise<Changed>
}

const malformed = (message: string) => new AppError('malformed', `${message} Nothing was changed.`)
const ownerOf = ({ repository, environment }: InEnvironment) => ({
  repositoryId: repository.id,
  environmentId: environment.id,
})

export const changes: Record<string, Change> = {
  'set-variable': {
    role: 'write',
    async work({ core, masterKey }, visit, form) {
      const name = form.get('name')?.trim() ?? ''
      const scope = variableScopes.find(one => one === form.get('scope')) ?? 'both'
      await setVariables(core.db, masterKey, ownerOf(visit), [
        { name, value: form.get('value') ?? '', scope },
      ])
      return {
        event: 'variable.set',
        name,
        message: `\`${name}\` is set (${scope}). New builds and new processes get it.`,
      }
    },
  },
  'remove-variable': {
    role: 'write',
    async work({ core }, visit, form) {
      const name = form.get('name') ?? ''
      await removeVariable(core.db, ownerOf(visit), name)
      return { event: 'variable.removed', name, message: `\`${name}\` is removed.` }
    },
  },
  'create-token': {
    role: 'admin',
    async work({ core }, { environment }) {
      const secret = await createToken(core.db, environment.id)
      const name = secret.slice(0, 11)
      return { event: 'token.created', name, message: 'A token was made.', secret }
    },
  },
  'revoke-token': {
    role: 'admin',
    async work({ core }, { environment }, form) {
      const id = form.get('id') ?? ''
      const revoked = /^[0-9a-f-]{36}$/.test(id) ? await revokeToken(core.db, environment.id, id) : null
      if (!revoked) throw malformed('There is no such token.')
      return { event: 'token.revoked', name: revoked.prefix, message: `\`${revoked.prefix}…\` is revoked.` }
    },
  },
  'create-key': {
    role: 'admin',
    async work({ core }, { repository, environment }, form) {
      const role = keyRoles.find(one => one === form.get('role'))
      const expires = form.get('expires')?.trim() ?? ''
      const validSeconds = expires === '' ? null : parseDuration(expires)
      if (!role) throw malformed('There is no such role.')
      if (expires !== '' && validSeconds === null) throw malformed('Write a duration such as 12h or 90d.')
      const { key: secret, prefix, hash } = makeKey()
      const name = form.get('name')?.trim().slice(0, 100) || prefix
      const where = { repositoryId: repository.id, environmentId: environment.id }
      await insertKey(core.db, { ...where, name, role, prefix, hash, validSeconds })
      return { event: 'key.created', name, message: 'A key was made.', secret }
    },
  },
  'revoke-key': {
    role: 'admin',
    async work({ core }, { repository }, form) {
      const prefix = form.get('prefix') ?? ''
      if (!(await revokeKey(core.db, repository.id, prefix))) throw malformed('There is no such key.')
      return { event: 'key.revoked', name: prefix, message: `\`${prefix}…\` is revoked.` }
    },
  },
}
