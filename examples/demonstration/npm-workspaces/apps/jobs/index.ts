export { default as sendReminder } from './defer/send-reminder.ts'
