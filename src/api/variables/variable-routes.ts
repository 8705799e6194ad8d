// Variables: which there are, set, import, remove. Who may write may also deploy code that reads them, so that writing them asks
// for no more; no route answers with a value.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { importVariables } from '../../environments/import-variables.ts'
import { type Listed, listNames, removeVariable, setVariables } from '../../environments/variables.ts'
import { AppError } from '../../errors.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { type NamedOwner, ownerOf } from './owner.ts'
import {
  ImportBody,
  Imported,
  OfWhom,
  Removed,
  SetBody,
  VariableBody,
  VariableList,
  VariablePath,
} from './shapes.ts'

const tags = ['variables']

const variableBody = ({ name, scope, updatedAt }: Listed) => ({
  name,
  scope,
  updated_at: updatedAt.toISOString(),
})

export function variableRoutes({ core, masterKey, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  const { db } = core
  const owner = (request: Parameters<typeof ownerOf>[2]): Promise<NamedOwner> =>
    ownerOf(db, keyOf(request), request)
  return (api, _options, done) => {
    const write = { config: { role: 'write' } } as const
    api.get(
      '/variables',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags, summary: 'Names of variables', querystring: OfWhom },
          response: answers(VariableList),
        },
      },
      async request => {
        const whose = await owner(request)
        const listed = await listNames(db, whose)
        return { environment: whose.name, variables: listed.map(variableBody) }
      },
    )
    api.put(
      '/variables/:name',
      {
        ...write,
        schema: {
          ...{ tags, summary: 'Sets one', params: VariablePath, querystring: OfWhom, body: SetBody },
          response: answers(VariableBody),
        },
      },
      async request => {
        const whose = await owner(request)
        const { name } = request.params
        await setVariables(db, masterKey, whose, [{ name, ...request.body }])
        const stored = (await listNames(db, whose)).find(one => one.name === name)
        if (!stored) throw new AppError('conflict', `${name} was removed at the same time.`)
        return variableBody(stored)
      },
    )
    api.post(
      '/variables/import',
      {
        ...write,
        schema: {
          ...{ tags, summary: 'Sets many; what may not be one is left out', querystring: OfWhom },
          ...{ body: ImportBody, response: answers(Imported) },
        },
      },
      async request => {
        const { variables, scope, dry_run } = request.body
        const settings = variables.map(({ name, value }) => ({ name, value, scope }))
        const results = await importVariables(db, masterKey, await owner(request), settings, dry_run)
        return { dry_run, results }
      },
    )
    api.delete(
      '/variables/:name',
      {
        ...write,
        schema: {
          ...{ tags, summary: 'Removes one', params: VariablePath, querystring: OfWhom },
          response: answers(Removed),
        },
      },
      async request => {
        const { name } = request.params
        await removeVariable(db, await owner(request), name)
        return { name }
      },
    )
    done()
  }
}
