// What of the machine a command in a sandbox may see: programs, libraries, certificates, how names are resolved. No home
// folder, no /var, no /run, and of /etc only what is listed.
import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { System } from './bubblewrap.ts'

const rootFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']
const configuration = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'gai.conf',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki/ca-trust',
  'pki/tls',
  'protocols',
  'resolv.conf',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
]
// Two users, whatever the machine has: programs want a name for the one they run as.
const users = path.join(import.meta.dirname, 'etc')

export function readSystem(): System {
  const found = rootFolders.filter(name => existsSync(`/${name}`)).map(name => `/${name}`)
  const links = found.filter(folder => lstatSync(folder).isSymbolicLink())
  const folders = [...found.filter(folder => !links.includes(folder)), '/usr', '/nix/store']
  const files = configuration.map(name => `/etc/${name}`)
  return {
    reads: [
      ...[...folders, ...files].filter(file => existsSync(file)).map(file => ({ from: file, at: file })),
      { from: path.join(users, 'passwd'), at: '/etc/passwd' },
      { from: path.join(users, 'group'), at: '/etc/group' },
    ],
    links: links.map(at => ({ target: readlinkSync(at), at })),
  }
}
