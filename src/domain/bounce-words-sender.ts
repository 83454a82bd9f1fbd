/**
 * What servers say when our setup, our reputation or our content is at fault rather than the
 * address. Phrases for bounce-text.ts: separated by ` / `, with `…` for a few words in between.
 */

/** Our setup: SPF, DKIM, DMARC, the name of our IP address, our envelope sender (B4). */
export const AUTHENTICATION = `
  spf fail / spf policy / due to spf / spf failure / spf … fail / spf check failed / spf check … fail / spf validation
  spf softfail / spf unauthorized / spf permerror / spf … not authorized / spf … not permitted
  spf record / sender policy framework / please see openspf / not designated … permitted sender
  does not designate / does not pass spf / does not pass dkim / did not pass … authentication
  does not pass authentication / authentication checks / authentication information
  authentication … dkim / dkim fail / dkim … fail / dkim … invalid / dkim … verification
  dkim signature / dmarc / dmarc policy / email is unauthenticated / message is unauthenticated
  unauthenticated email / unauthenticated mail / unauthenticated senders
  sender is unauthenticated / sender unauthenticated / sender … not authenticated … domain
  required authentication level / unauthorized sender address / sender not authorized by
  not authorized to send … from / not allowed to send … from / fix reverse dns / reverse dns
  reverse lookup / reverse hostname / reverse host name / reverse ip / rdns / ptr record
  ptr records / no ptr / missing ptr / ptr resource record / ptr … does not resolve
  can not find your hostname / can not find your reverse / client host rejected … hostname
  ip name possibly forged / helo command rejected / helo … rejected / invalid helo / bad helo
  need fully qualified hostname / ehlo … rejected
`

/** Our envelope sender or our account is refused. */
export const SENDER_REFUSED = `
  sender rejected / sender address rejected / sender denied / sender refused / sender … rejected
  sender verify failed / sender verification failed / sender callout
  sender address … does not exist / sender … does not exist / sender unknown / unknown sender
  invalid sender / sender is invalid / sender domain / senders domain / sender's domain
  domain of sender / sender … domain must / envelope sender / from address … not verified
  mail from address must / mail from domain / return path / bad sender / bad sender's
  bad outbound sender / sender id … not allowed / you are not allowed to send
  not permitted to send / you do not have permission to send / not authorized to send
  email address is not verified / must be a verified
`

export const TLS = `
  must issue a starttls / issue a starttls / starttls command first / starttls is required
  starttls required / requires tls / require tls / tls required / tls is required
  tls … mandatory / encryption required / encryption needed / must use tls
  tls connection required / not sent over … tls / secure connection required
  sts webpki invalid / starttls not supported / mta sts / server certificate
  tls negotiation failed / tls handshake
`

export const GREYLISTED = `
  greylist / greylisted / greylisting / grey listed / grey listing / grey list / graylist
  graylisted / graylisting / gray listed / postgrey
`

export const RATE_LIMITED = `
  rate limit / at a rate / rate limited / rate limits / rate limiting / ratelimit / sending rate
  unusual rate / rate of / throttled / throttling / throttle / too many connections
  too many concurrent / too many sessions / too many messages from / too many messages in
  too many messages per / too many mails / too many emails / too many recipients
  too many errors / too many requests / too many transactions / too frequent / too fast
  connection frequency limited / frequency limit / connection limit / connections limit
  exceeded … messages per / exceeded … message limit / exceeded … sending limit
  exceeded … max emails per hour / exceeded … per hour / exceeded … rate
  exceeded the maximum number of / receiving mail at a rate / receiving mail too quickly
  receiving email too quickly / sending limit / sending quota / daily … limit exceeded
  daily sending quota / maximum … connections / message count per connection
  temporarily deferred due to / temporarily rate / unexpected volume / user complaints
  resources restricted / deferred due to user complaints / deferred … volume
  limit on the number of messages / please slow down / slow down / excessive … traffic
`

/** Our IP address or our domain is on a blocklist. */
export const LISTED = `
  blocked using / ip blocked / blocked ip / ip … blocked / blocklist / blocklisted / block list
  blocklists / blacklist / blacklisted / black list / black listed / blacklists / denylist
  deny list / denylisted / listed at / listed by / listed in … rbl / listed in … dnsbl
  listed on / on our block / rbl / rbls / dnsbl / spamhaus / spamcop / sorbs / spamrats
  uceprotect / invaluement / mailspike / abuseat / barracudacentral / barracuda reputation / sbl
  xbl / pbl / banned sending ip / bad reputation / poor reputation / low reputation
  ip reputation / domain reputation / sender reputation / reputation / senderbase
  network … on our block list / dynamic ip / dynamic … pool / dialup / dial up
  generic … hostname / open relay / postmaster … delist / to be delisted / delisting
`

export const BLOCKED = `
  blocked by / blocked for / blocked because / blocked due / blocked from / has been blocked
  been blocked / was blocked / is blocked / are blocked / address … blocked / host blocked
  sender blocked / temporarily blocked / connection blocked / connection refused by policy
  email blocked / message blocked / mail … blocked / blocked see / is listed in / banned
  connection denied / connection rejected / connection refused … policy / client host rejected
  client host … blocked / host rejected / access denied … ip / ip … denied
  ip address … rejected / we do not accept mail from / we do not accept email from
  not accepting mail from / not accept … from your / refuses … from your / refused to talk to me
  your ip / your server … rejected / your host … rejected / you are not allowed to connect
  not allowed to connect / geoip / country … blocked / backscatter
`

export const SPAM = `
  spam / spammer / spammy / spamlike / spam message / spamming / antispam / unsolicited
  unwanted content / junk mail / bulk email … not accepted / looks like … bulk / bulk mail
  bulk email / suspected spam / uce / ube / phishing / cloudmark / content … spam
  message score / bayesian / high probability of / suspicious due to / abuse / abusive / 垃圾邮件
  垃圾郵件 / 迷惑メール / 스팸 / спам / spamu / unerwunschte werbung
`

/** Clear enough to outweigh a `user unknown` in the same reply. */
export const POLICY = `
  recipient preference / recipient preferences / refused by recipient / refused by the recipient
  rejected by recipient / rejected by the recipient / rejected by user
  policy / policies / policy reasons / policy violation / local policy
  administrative prohibition / administratively prohibited / administratively denied
  security policy / site policy / prohibited by administrator / transport rules / resolver rst
  restricted / restriction / not authorized / not authorised / unauthorized / unauthorised
  authorization … required / authentication required / authentication is required
  must authenticate / client was not authenticated / sendernotauthenticated / prohibited
`

/** A refusal with little said about its cause. */
export const REFUSED = `
  authenticate / access denied / access … denied / permission / permission denied
  delivery not authorized / delivery not allowed / not permitted / message refused by
  message … refused / message rejected / message … rejected / mail rejected / mail … rejected
  email rejected / message denied / message … not accepted / message not allowed
  not accepted for policy / transaction failed / transaction rejected / rejected by recipient
  rejected by the recipient / rejected by user / rejected by header / closed mailing list
  not a member / only members / members only / moderated / whitelist / whitelisted / allow list
  challenge / refused by / we can not accept / not interested / does not want
  configured to reject / configured to refuse / rejects … mail / filtered / filter / filters
  lost or stolen / ngリスト / 受信拒否 / 受信を拒否 / 拒否 / 拒收 / 被拒绝 / 수신거부 / 수신 거부
`

export const RELAYING_DENIED = `
  relay denied / relaying denied / relay access denied / relay not permitted
  relaying not permitted / relay … not permitted / relay not allowed / relaying not allowed
  relaying … not allowed / relaying … prohibited / relaying prohibited / relay … prohibited
  relay operation rejected / relaying … denied / unable to relay / can not relay / do not relay
  does not relay / no relaying / no relay / relaying … forbidden / not allowed to relay
  not permitted to relay / relay … forbidden / insecure mail relay / relaying mail
  we do not accept … for that domain / not an open relay / not a local domain / not in my domain
  domain is not hosted / domain not hosted here / not in my list of allowed rcpthosts
  allowed rcpthosts / rcpthosts / not in locals / not listed as one of the domains
`
