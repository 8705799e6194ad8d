export interface Release {
  version: string
  changes: string[]
}

export function headingOf({ version }: Release): string {
  return `## Version ${version}`
}
