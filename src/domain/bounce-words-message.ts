/**
 * What servers say when the mail itself, the route to the mailbox or the timing is at fault.
 * Phrases for bounce-text.ts: separated by ` / `, with `…` for a few words in between.
 */

export const TOO_BIG = `
  message too big / message too large / message is too big / message is too large
  message … too large / message … too big / message size exceeds / message size … exceeds
  message size exceeded / message size limit / size of message / size limit exceeded
  size limit for / exceeded … message size / exceeds … message size / exceeds … maximum size
  exceeds … size limit / exceeds maximum … size / exceeds fixed maximum / exceeds fixed limit
  larger than … allowed / larger than the current system limit / larger than the maximum
  larger than / maximum message size / maximum permissible size / max message size
  message length exceeds / message header size / mail size limit / mail … too large
  file too big / file too large / resolver rst senderssizelimit / resolver rst recipsizelimit
  recipsizelimit / sendsizelimit / attachment … too large / nachricht … zu gross
  message … trop volumineux / messaggio … troppo grande / mensaje … demasiado grande
  mensagem … muito grande / 邮件过大 / 邮件大小超过 / メールサイズ
`

/** Clear enough to outweigh a `blocked` in the same reply. */
export const DANGEROUS = `
  virus / viruses / malware / trojan / infected / content presents a potential / security issue
  dangerous attachment / prohibited attachment / banned file / attachment … not allowed
  attachment … blocked / executable / file type / file extension / potentially dangerous
`

export const CONTENT = `
  virus / viruses / malware / trojan / worm / infected / attachment … not allowed
  attachment … blocked / attachment type / executable / file type / file extension
  prohibited attachment / banned file / banned content / content rejected / message content
  rejected … content / content … not allowed / content … not acceptable / bad header
  headers … invalid / header … missing / missing … header / missing from / missing message id
  malformed / not rfc / rfc 5322 / rfc5322 / rfc 2822 / rfc 822 / rfc822 / bare lf
  bare newline / bare newlines / stray newline / stray newlines / invalid characters / mime
  conversion / lines … too long / line too long / line length / multiple from / improper headers
  content filter
`

const FAULTS = [
  'invalid address',
  'invalid email address',
  'invalid user',
  'not a valid address',
  'not a valid email address',
  'is not a valid address',
  'is not a valid email address',
]
const OF_OURS = [
  'header …',
  'headers …',
  'from',
  'from address …',
  'from field …',
  'reply to',
  'reply to address …',
  'reply to field …',
  'sender',
  'sender address …',
  'sender field …',
]

/** An address in our header is at fault, not the recipient's. */
export const ADDRESS_OF_OURS = FAULTS.flatMap((fault) => [
  ...OF_OURS.map((field) => `${field} ${fault}`),
  `${fault} in … header`,
  `${fault} in … headers`,
  `${fault} in from`,
]).join(' / ')

export const SMTPUTF8 = `
  smtputf8 / utf8smtp / internationalized / international address / non ascii address
  utf 8 address / eai
`

export const EXPIRED = `
  delivery time expired / delivery expired / message expired / message … expired
  retry timeout exceeded / retry time not reached / retry timeout / maximum … retry
  queue too long / queued for too long / in the queue too long / in queue too long
  has been in the queue / has been on the queue / time limit / unable to deliver … days
  could not be delivered … days / could not be delivered … hours / not been delivered … days
  trying … days / tried for / queue expired / message timed out / gave up / giving up after
  too old / delivery … retry … expired / lifetime / queue expire
`

export const DNS = `
  name service error / host or domain name not found / host name lookup failure
  hostname lookup / host lookup / host not found / host was not found / can not find host
  can not resolve / could not resolve / could not be resolved / unable to resolve
  unable to find … mx / unable to route / unable to lookup / name server / nameserver / dns
  dns error / dns failure / dns lookup / dns query / domain name system / mx record / mx records
  mx host / mx lookup / no mx / no a record / cname lookup failed / lookup failed
  no route to … domain / malformed dns / unqualified host / all relevant mx records
  no suitable address record / domain … no mx / domain … invalid / invalid domain
  best preference mx / unroutable / unrouteable
`

export const NETWORK = `
  connection timed out / connection timeout / connection reset / connection refused
  connection lost / lost connection / connection dropped / connection closed
  connection was dropped / connection died / connection failed / connection attempt
  connection error / connect failed / could not connect / can not connect / failed to connect
  unable to connect / was not able to establish an smtp connection
  establish an smtp connection / no route to host / network is unreachable / network unreachable
  network error / host unreachable / host is unreachable / host … not responding
  server … not responding / not responding / did not respond / no answer from / no answer
  timed out while / timed out / timeout / time out / operation timed out / bad connection
  broken pipe / socket / server … unreachable / servers … unreachable / unreachable
  conversation … timed out / ended … prematurely / refused connection / host is down / premature
  tcp / hop count / too many hops / mail loop / mail loops / mail forwarding loop / routing loop
  loops back to myself / loop detected / loop / looping / email loop / message looping
  maximum hop / too many received / received headers
`

/** A later attempt may succeed, whatever else is said. */
export const TRY_LATER = `
  try again later / try later / try again in / please retry later / temporarily
  temporary failure / temporary error / temporary problem / temporary local problem
  temporary lookup failure / temporary system / deferred / will be retried
`

export const SYSTEM = `
  system error / internal error / internal server error / server error / local error
  local configuration error / configuration error / misconfigured / temporarily unavailable
  service unavailable / service not available / service currently unavailable / try again
  insufficient system / insufficient disk / insufficient resources / no space left on device
  disk full / file system full / out of memory / unable to open / can not open / can not create
  can not write / could not create / could not write / permissions / i o error
  unexpected failure / error writing / pipe to / command died / command failed / child process
  process died / ldap / database error / database failure / backend / not configured / lmtp
  server busy / system busy / too busy / load average / overloaded / maintenance
  protocol error / unable to verify / unable to deliver / service refused / requeue
  storedrv deliver
`

/** The provider that we send through no longer tries this address. */
export const SUPPRESSED = `
  suppression list / on … suppression / not delivering to previously bounced / previously bounced
  not delivering to a user who marked / recipient has unsubscribed
  sent to unsubscribed address / bounced address / spam reporting address
`
