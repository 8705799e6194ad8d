// A function that was initialised, as the contract writes it. Pure.
import type { z } from 'zod'
import type { ShownFunction } from '../lifecycle/lifecycle-store.ts'
import { timeOf } from '../lifecycle/wire.ts'
import type { ExistingFunction, NewFunction } from './shapes.ts'

type Body = z.input<typeof NewFunction> | z.input<typeof ExistingFunction>

export function initBody(one: ShownFunction, isNew: boolean): Body {
  const about = { id: one.id, name: one.name, status: one.state, skip_signing: one.skipSigning }
  const created_at = timeOf(one.createdAt)
  if (isNew) return { message: 'Function initialized successfully', ...about, created_at }
  return {
    message: 'Function already exists',
    ...about,
    ...(one.version === null ? {} : { deployment_version: one.version }),
    created_at,
    already_exists: true,
  }
}
