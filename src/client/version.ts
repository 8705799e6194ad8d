// Of the package; a test compares it.
export const version = '0.1.0'
