// What is a cron expression and what is refused, with the reason (RELIABILITY.md B73-B81).
import { describe, expect, test } from 'vitest'
import { parseCron } from '../../src/functions/cron.ts'

const values = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b)

function parsed(text: string) {
  const result = parseCron(text)
  if ('problem' in result) throw new Error(result.problem)
  return result.cron
}

describe('an expression', () => {
  test.each([
    ['a value', '5 * * * *', [5]],
    ['a list', '5,10,20 * * * *', [5, 10, 20]],
    ['a range', '5-8 * * * *', [5, 6, 7, 8]],
    ['a step over all', '*/20 * * * *', [0, 20, 40]],
    ['a step over a range', '10-30/10 * * * *', [10, 20, 30]],
    ['a leading zero', '05 * * * *', [5]],
    ['overlapping items', '1-3,2-4 * * * *', [1, 2, 3, 4]],
    ['blanks around and tabs between', '  7\t*  * * *  ', [7]],
  ])('may have %s', (_, text, minutes) => {
    expect(values(parsed(text).minutes)).toEqual(minutes)
  })

  test('may name months and weekdays in any case, and Sunday twice', () => {
    const cron = parsed('0 0 * jan,MAR-may Mon-FRI')
    expect(values(cron.months)).toEqual([1, 3, 4, 5])
    expect(values(cron.weekdays)).toEqual([1, 2, 3, 4, 5])
    expect(values(parsed('0 0 * * 5-7').weekdays)).toEqual([0, 5, 6])
    expect(values(parsed('0 0 * * 0,7').weekdays)).toEqual([0])
  })

  test.each([
    ['@hourly', '0 * * * *'],
    ['@daily', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
  ])('%s means %s', (shorthand, text) => {
    expect(parsed(shorthand)).toEqual(parsed(text))
  })

  test.each(['0 0 29 2 1', '0 0 13 * FRI', '0 0 29 2 *'])('%s fires, if rarely', text => {
    expect(parseCron(text)).toHaveProperty('cron')
  })
})

describe('refused', () => {
  test.each([
    ['', 'has 0 fields'],
    ['   ', 'has 0 fields'],
    ['* * * *', 'has 4 fields'],
    ['* * * * * *', 'has 6 fields'],
    ['*/99999999999 * * * *', 'the step must be 1 to 59'],
    ['*/60 * * * *', 'the step must be 1 to 59'],
    ['*/0 * * * *', 'the step must be'],
    ['*/-1 * * * *', 'the step must be'],
    ['*/ * * * *', 'the step must be'],
    ['1/2/3 * * * *', 'more than one step'],
    ['5/15 * * * *', 'write 5-59/15'],
    ['60 * * * *', 'minute "60" is not 0-59'],
    ['* 24 * * *', 'hour "24"'],
    ['* * 0 * *', 'day of month "0"'],
    ['* * 32 * *', 'day of month "32"'],
    ['* * * 13 *', 'month "13" is not 1-12 or jan-dec'],
    ['* * * * 8', 'day of week "8"'],
    ['5-1 * * * *', 'runs backwards'],
    ['1-2-3 * * * *', 'is not a range'],
    ['-5 * * * *', 'minute "" is not'],
    ['1,,2 * * * *', 'minute "" is not'],
    ['1.5 * * * *', 'minute "1.5"'],
    ['005 * * * *', 'minute "005"'],
    ['* * * * MON#6', 'day of week "MON#6"'],
    ['* * ? * *', 'day of month "?"'],
    ['* * L * *', 'day of month "L"'],
    ['* * 15W * *', 'day of month "15W"'],
    ['H * * * *', 'minute "H"'],
    ['MON * * * *', 'minute "MON"'],
    ['５ * * * *', 'minute "５"'],
    ['*\u00a0* * * * *', 'minute'],
    ['@every 5m', 'is not known'],
    ['@reboot', 'is not known'],
    ['@Daily', 'is not known'],
    ['0 0 30 2 *', 'never fires'],
    ['0 0 31 4,6,9,11 *', 'never fires'],
    ['0,'.repeat(7_000), 'is longer than'],
  ])('%j', (text, reason) => {
    expect(parseCron(text)).toEqual({ problem: expect.stringContaining(reason) })
  })
})
