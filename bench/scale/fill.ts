// Rows as Sluice itself would have left them, made by PostgreSQL: functions beside the one that works, executions that are held,
// executions that have finished.
import type postgres from 'postgres'

export interface Place {
  id: string
  environmentId: string
}

/** So many live functions, each with the code of `one`. */
export async function addFunctions(driver: postgres.Sql, one: Place, amount: number): Promise<void> {
  await driver`
    with made as (
      insert into functions (environment_id, name)
      select ${one.environmentId}, 'other' || number from generate_series(1, ${amount}::int) number
      returning id
    )
    insert into versions (function_id, number, build_id, file, bundle_digest, source_map_digest, options, fingerprint)
    select made.id, 1, v.build_id, v.file, v.bundle_digest, v.source_map_digest, v.options, v.fingerprint
    from made
    cross join versions v
    where v.function_id = ${one.id}`
  await driver`
    update functions set state = 'active', active_version_id = v.id
    from versions v
    where v.function_id = functions.id and functions.state = 'init'`
}

export async function functionNamed(driver: postgres.Sql, one: Place, name: string): Promise<string> {
  const [row] = await driver<{ id: string }[]>`
    select id from functions where environment_id = ${one.environmentId} and name = ${name}`
  return row?.id ?? ''
}

export async function addHeld(driver: postgres.Sql, place: Place, amount: number): Promise<void> {
  await driver`
    insert into live_executions (environment_id, function_id, arguments)
    select ${place.environmentId}, ${place.id}, '[0]' from generate_series(1, ${amount}::int)`
  // They came over days: what one statement leaves to be written and vacuumed is not what is measured.
  await driver`vacuum analyze live_executions`
  await driver`checkpoint`
}

const page = 250_000

/** Each with an attempt, spread over all functions. */
export async function addFinished(
  driver: postgres.Sql,
  amount: number,
  say: (done: number) => void,
): Promise<void> {
  for (let done = 0; done < amount; done += page) {
    await driver`
      with them as (select array_agg(id) as ids, array_agg(environment_id) as environments, count(*) as amount from functions)
      insert into finished_executions (
        id, function_id, environment_id, state, arguments, attempt, result, version_id, worker_id, started_at,
        attempt_state, attempt_reason, attempt_started_at
      )
      select gen_random_uuid(), ids[1 + number % amount], environments[1 + number % amount], 'succeeded', '[0]', 1, '0',
        gen_random_uuid(), 'bench/1/abcd', now(), 'succeeded', 'first', now()
      from them, generate_series(1, ${Math.min(page, amount - done)}::int) number`
    say(Math.min(amount, done + page))
  }
}
