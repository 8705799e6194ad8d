const path = require('node:path')

const sessions = require('./sessions.json')

exports.olderThan = (age, now) =>
  sessions.filter(({ seenAt }) => now - Date.parse(seenAt) > age).map(({ id }) => id)

exports.file = path.join(__dirname, 'sessions.json')
