// Keys of the lifecycle API, and tokens that call functions in any environment of a repository.
import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { at, createdAt, githubId, id, keyRoles, oneOf, signingValidities } from './columns.ts'
import { environments, repositories } from './environments.ts'
import { functions } from './functions.ts'

export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    /** Null: any environment of the repository, named with each request. */
    environmentId: uuid().references(() => environments.id),
    /** What people call it; events of what it did name it. */
    name: text().notNull(),
    role: text({ enum: keyRoles }).notNull(),
    /** A workflow got it for a token of GitHub Actions: one a run, forgotten a day after its end. */
    exchanged: boolean().notNull().default(false),
    /** The first characters, to recognise it by; never enough to use it. */
    prefix: text().notNull(),
    hash: text().notNull(), // sha256 of the key, hex: it carries 192 random bits, so no salt is needed
    createdAt: createdAt(),
    /** Null: it does not expire. */
    expiresAt: at(),
    lastUsedAt: at(),
    revokedAt: at(),
  },
  table => [
    // api/lifecycle: who is calling
    uniqueIndex('api_keys_hash').on(table.hash),
    // sluice key list
    index('api_keys_repository').on(table.repositoryId),
    oneOf('api_keys_role', 'role', keyRoles),
    check('api_keys_name', sql`name <> ''`),
  ],
)

export const repositoryTokens = pgTable(
  'repository_tokens',
  {
    id: id(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    /** False: it reaches every environment but those of production. */
    production: boolean().notNull(),
    /** The first characters, to recognise it by; never enough to use it. */
    prefix: text().notNull(),
    hash: text().notNull(), // sha256 of the token, hex: it carries 192 random bits, so no salt is needed
    createdAt: createdAt(),
    lastUsedAt: at(),
    revokedAt: at(),
  },
  table => [
    // api/auth: whose a token is
    uniqueIndex('repository_tokens_hash').on(table.hash),
    // sluice token list
    index('repository_tokens_repository').on(table.repositoryId),
  ],
)

/** Tokens of GitHub Actions that were exchanged for a key, until they would be refused as too old. */
export const usedTokens = pgTable(
  'used_tokens',
  { jti: text().primaryKey(), forgetAt: at().notNull() },
  table => [
    // api/oidc: what can be forgotten
    index('used_tokens_forget').on(table.forgetAt),
  ],
)

/** Keys with which calls of a function are signed. */
export const signingKeys = pgTable(
  'signing_keys',
  {
    id: id(),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    name: text(),
    /** The secret (sealed.ts): signatures are made with it, so a digest would not do. */
    sealed: text().notNull(),
    validity: text({ enum: signingValidities }).notNull(),
    createdAt: createdAt(),
    /** Null: it does not expire. */
    expiresAt: at(),
    rolledAt: at(),
    lastUsedAt: at(),
    revokedAt: at(),
  },
  table => [
    // api/signing: those of a function
    index('signing_keys_function').on(table.functionId, table.createdAt),
    oneOf('signing_keys_validity', 'validity', signingValidities),
  ],
)

/** Signatures that were accepted, until their timestamps refuse them: each is accepted once, whichever process it reaches. */
export const usedSignatures = pgTable(
  'used_signatures',
  { mac: text().primaryKey(), forgetAt: at().notNull() },
  table => [
    // api/signing: what can be forgotten
    index('used_signatures_forget').on(table.forgetAt),
  ],
)
