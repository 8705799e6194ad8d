function daysBefore(date, days) {
  return new Date(date.getTime() - days * 86_400_000).toISOString().slice(0, 10)
}

module.exports = { daysBefore }
