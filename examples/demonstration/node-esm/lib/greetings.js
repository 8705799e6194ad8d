import greetings from './greetings.json' with { type: 'json' }

const languages = await Promise.resolve(new Map(Object.entries(greetings)))

export function greet(language) {
  return languages.get(language) ?? languages.get('en')
}
