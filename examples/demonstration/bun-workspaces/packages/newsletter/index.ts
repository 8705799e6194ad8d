import issue from './issue.md' with { type: 'text' }
import { editor } from './people.json'

export const newsletter = issue.trim().replace('EDITOR', editor)
