const { defer } = require('@defer/client')
const ms = require('ms')
const { olderThan } = require('../lib/sessions')

async function expireSessions(after) {
  const expired = olderThan(ms(after), Date.parse('2026-01-31'))
  return { after: ms(ms(after), { long: true }), expired }
}

// One at a time: two would delete the same rows.
module.exports = defer(expireSessions, { concurrency: 1 })
