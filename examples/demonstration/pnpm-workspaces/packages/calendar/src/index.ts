import { addBusinessDays } from 'date-fns/addBusinessDays'
import { formatISO } from 'date-fns/formatISO'

export function dueAfter(start: string, workingDays: number): string {
  return formatISO(addBusinessDays(new Date(`${start}T12:00:00`), workingDays), { representation: 'date' })
}
