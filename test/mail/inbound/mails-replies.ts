/**
 * What servers of the wild answer, by maker; each comes back in the report of a Postfix that could
 * not deliver. Written by what the makers document, and by what is known of them.
 */
import { type Expected, expected } from './expected.ts'
import { postfix } from './shapes.ts'

type Replies = Readonly<Record<string, readonly (readonly [expected: string, reply: string])[]>>

const REPLIES: Replies = {
  google: [
    [
      'hard no_such_user',
      "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For more information, go to\n550 5.1.1 https://support.google.com/mail/?p=NoSuchUser a1-2b3.45 - gsmtp",
    ],
    [
      'disabled disabled',
      '550-5.2.1 The email account that you tried to reach is inactive. For more\n550 5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser a1 - gsmtp',
    ],
    [
      'soft mailbox_full',
      "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\n452-4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp a1 - gsmtp",
    ],
    [
      'soft mailbox_full',
      '552-5.2.2 The email account that you tried to reach is over quota and inactive. Please direct\n552 5.2.2 the recipient to https://support.google.com/mail/?p=OverQuotaPerm a1 - gsmtp',
    ],
    [
      'sender authentication',
      '550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 a1 - gsmtp',
    ],
    [
      'sender authentication',
      '550-5.7.25 [198.51.100.7] The IP address sending this message does not have a\n550-5.7.25 PTR record setup, or the corresponding forward DNS entry does not match\n550 5.7.25 the sending IP. a1 - gsmtp',
    ],
    [
      'sender authentication',
      '421-4.7.32 Your email has been rate limited because the From: header (RFC5322)\n421 4.7.32 domain is not aligned. a1 - gsmtp',
    ],
    [
      'sender tls',
      '421-4.7.29 Your email has been rate limited because this message was not sent over\n421 4.7.29 a TLS connection. a1 - gsmtp',
    ],
    [
      'soft rate_limited',
      '421-4.7.28 Gmail has detected an unusual rate of mail originating from your IP address.\n421 4.7.28 To protect our users, mail sent from your IP address has been temporarily rate limited. gsmtp',
    ],
    [
      'soft rate_limited',
      '450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your\n450 4.2.1 message at a later time. gsmtp',
    ],
    [
      'block spam',
      '550-5.7.1 [198.51.100.7      12] Our system has detected that this message is\n550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,\n550 5.7.1 this message has been blocked. gsmtp',
    ],
    ['block policy', '550-5.7.1 This message does not meet our local policy. gsmtp'],
    [
      'message content',
      '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue. gsmtp',
    ],
    [
      'message too_big',
      "552-5.3.4 Your message exceeded Google's message size limits. Please visit\n552 5.3.4 https://support.google.com/mail/?p=MaxSizeError a1 - gsmtp",
    ],
    [
      'block policy',
      '550-5.7.1 The user or domain that you are sending to (or from) has a policy that\n550 5.7.1 prohibited the mail that you sent. gsmtp',
    ],
    [
      'hard no_such_user',
      "550-5.1.1 We're writing to let you know that the group you tried to contact (news) may not exist, or you may not have permission to post messages to the group.",
    ],
  ],
  microsoft: [
    [
      'disabled no_such_user',
      '550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AM0EUR02FT011.eop-EUR02.prod.protection.reader.example]',
    ],
    [
      'soft other',
      '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [DB5EUR03FT041.eop-EUR03.prod.protection.reader.example]',
    ],
    ['soft mailbox_full', '552 5.2.2 Mailbox full: The recipient mailbox has exceeded its quota'],
    [
      'sender authentication',
      '550 5.7.515 Access denied, sending domain course.example does not meet the required authentication level. [AM0.prod.reader.example]',
    ],
    [
      'block blocked',
      '550 5.7.606 Access denied, banned sending IP [198.51.100.7]. To request removal from this list please visit https://sender.office.com/',
    ],
    [
      'block blocked',
      "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
    ],
    [
      'block blocked',
      "550 SC-001 (BAY004) Unfortunately, messages from 198.51.100.7 weren't sent. Please contact your Internet service provider since part of their network is on our block list.",
    ],
    [
      'block policy',
      "550 5.7.1 Message rejected as per the recipient organization's security policy",
    ],
    [
      'block blocked',
      '550 5.7.511 Access denied, banned sender[198.51.100.7]. To request removal from this list please forward this message to delist@reader.example',
    ],
    [
      'sender authentication',
      '550 5.7.509 Access denied, sending domain course.example does not pass DMARC verification and has a DMARC policy of reject.',
    ],
    [
      'soft rate_limited',
      '451 4.7.500 Server busy. Please try again later from [198.51.100.7]. (S77719) throttled',
    ],
    [
      'hard no_such_domain',
      '550 5.4.310 DNS domain reader.example does not exist [Message=InfoDomainNonexistent]',
    ],
    [
      'soft network',
      '554 5.4.14 Hop count exceeded - possible mail loop ATTR34 [AM0.prod.reader.example]',
    ],
    [
      'block policy',
      '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group',
    ],
    [
      'block spam',
      '550 5.7.501 Access denied, spam abuse detected. The sending account has been banned',
    ],
    [
      'block blocked',
      '550 5.7.1 Service unavailable, Client host [198.51.100.7] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/198.51.100.7 (AS16012609)',
    ],
  ],
  yahoo: [
    [
      'hard no_such_user',
      "554 delivery error: dd This user doesn't have a reader.example account (ada@reader.example) [0] - mta1234.mail.bf1.provider.example",
    ],
    [
      'disabled disabled',
      '554 delivery error: dd Sorry your message to ada@reader.example cannot be delivered. This account has been disabled or discontinued [#102]. - mta1234.provider.example',
    ],
    ['soft mailbox_full', '552 1 Requested mail action aborted, mailbox full'],
    [
      'soft mailbox_full',
      '554 delivery error: dd Sorry, your message to ada@reader.example cannot be delivered. This mailbox is full [-5]. - mta1',
    ],
    [
      'soft rate_limited',
      '421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
    ],
    [
      'block policy',
      '554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes',
    ],
    [
      'block blocked',
      "553 5.7.1 [BL21] Connections will not be accepted from 198.51.100.7, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
    ],
    [
      'sender authentication',
      '554 5.7.9 Message not accepted for policy reasons. See DMARC at https://postmaster.yahooinc.com/error-codes',
    ],
    [
      'hard no_such_user',
      '550 5.1.1 <ada@reader.example>: Recipient address rejected: aol.example',
    ],
    [
      'hard no_such_user',
      '550 Requested action not taken: mailbox unavailable; 5.1.1 <ada@reader.example> user unknown',
    ],
  ],
  apple: [
    ['hard no_such_user', '550 5.1.1 <ada@reader.example>: user does not exist'],
    [
      'soft mailbox_full',
      '552 5.2.2 <ada@reader.example>: user is over quota (in reply to RCPT TO command)',
    ],
    [
      'block policy',
      '550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137',
    ],
    [
      'sender authentication',
      '554 5.7.1 [HM08] Message rejected due to authentication checks failing: dmarc',
    ],
    [
      'block blocked',
      '550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=198.51.100.7',
    ],
  ],
  russia: [
    [
      'hard no_such_user',
      '550 Message was not accepted -- invalid mailbox.  Local mailbox ada@reader.example is unavailable: user not found',
    ],
    [
      'disabled disabled',
      '550 Message was not accepted -- invalid mailbox.  Local mailbox ada@reader.example is unavailable: account is disabled',
    ],
    ['soft mailbox_full', '422 4.2.2 Mailbox is full / Почтовый ящик переполнен'],
    [
      'block spam',
      '550 spam message rejected. Please visit http://help.mail.example/notspam-support/id?c=abc or report details to abuse@reader.example. Error code: 4C1A. ID: 0000',
    ],
    ['hard no_such_user', '550 5.7.1 No such user!'.replace('5.7.1', '5.1.1')],
    ['soft no_such_user', '550 5.7.1 No such user!'],
    [
      'disabled disabled',
      '554 5.7.1 <ada@reader.example>: Recipient address rejected: Policy rejection; mailbox is frozen'
        .replace('5.7.1', '5.2.1')
        .replace('Policy rejection; ', ''),
    ],
    [
      'block spam',
      '554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc 1764482402-abc',
    ],
    [
      'soft greylisted',
      '451 4.7.1 Sorry, the service is currently unavailable. Please come back later. Greylisted',
    ],
    ['soft rate_limited', '452 4.5.3 Too many recipients'],
  ],
  asia: [
    [
      'hard no_such_user',
      '550 Mailbox not found. http://service.mail.provider.example/cgi-bin/help?subtype=1&&no=1000728',
    ],
    ['hard no_such_user', '550 User not found: ada@reader.example'],
    [
      'block spam',
      '550 Mail content denied. http://service.mail.provider.example/cgi-bin/help?subtype=1&&no=1000726 is spam',
    ],
    [
      'soft rate_limited',
      '550 Connection frequency limited. http://service.mail.provider.example/cgi-bin/help?no=1000722',
    ],
    ['block blocked', '550 Ip frequency limited or blocked: your IP 198.51.100.7 has been blocked'],
    ['soft mailbox_full', '552 Quota exceeded or service disabled: user over quota'],
    [
      'block spam',
      '554 DT:SPM 126 smtp1,abc; http://mail.provider.example/help/spam_16.htm?ip=198.51.100.7',
    ],
    ['hard no_such_user', '550 5.1.1 用户不存在 User unknown'],
    [
      'hard no_such_user',
      '550 5.1.1 <ada@reader.example> 존재하지 않는 사용자입니다 (user unknown)',
    ],
    ['hard no_such_user', '550 Unknown user ada@reader.example'],
    ['hard no_such_user', '550 Invalid recipient: <ada@reader.example>'],
    [
      'soft no_such_user',
      '450 4.1.1 <ada@reader.example>: Recipient address rejected: User unknown in virtual mailbox table',
    ],
    ['block policy', '550 5.2.0 Mail rejected (受信拒否)'],
  ],
  europe: [
    ['soft other', '550 Requested action not taken: mailbox unavailable'],
    [
      'sender authentication',
      '550-Requested action not taken: mailbox unavailable\n550-Reject due to SPF policy.\n550 For explanation visit https://postmaster.gmx.net/',
    ],
    [
      'block policy',
      '554-Transaction failed\n554-Reject due to policy restrictions.\n554 For explanation visit http://postmaster.gmx.net/en/error-messages',
    ],
    ['hard no_such_user', '550 5.1.1 unknown recipient / Empfaenger unbekannt'],
    [
      'block blocked',
      '554 IP=198.51.100.7 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.reader.example to clarify: your IP is blocked.',
    ],
    ['hard no_such_user', '550 user unknown'],
    [
      'block blocked',
      '550 spam detected; see http://postmaster.free.example/ your IP is listed in RBL',
    ],
    [
      'hard no_such_user',
      '550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]',
    ],
    [
      'soft mailbox_full',
      '552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]',
    ],
    ['block spam', '550 5.7.1 Mail rejete. Mail rejected. OFR_506 [506] spam'],
    [
      'soft rate_limited',
      '421 Service refused, please try later. OFR006_104 Too many connections, slow down.',
    ],
    ['hard no_such_user', '550 RCPT TO:<ada@reader.example> User unknown'],
    ['hard no_such_user', '550 5.1.1 <ada@reader.example> recipient rejected: utente sconosciuto'],
    [
      'hard no_such_user',
      '550 5.1.1 <ada@reader.example>: Recipient address rejected: Usuario no existe',
    ],
    ['hard no_such_user', '550 5.1.1 Usuário desconhecido'],
    ['soft mailbox_full', '452 4.2.2 Caixa postal do destinatário cheia (mailbox full)'],
    ['hard no_such_user', '550 5.1.1 Nie ma takiego użytkownika'],
    ['hard no_such_user', '550 5.1.1 <ada@reader.example>: Uživatel neexistuje'],
  ],
  gateways: [
    [
      'hard no_such_user',
      '550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]',
    ],
    [
      'soft greylisted',
      '451 Internal resource temporarily unavailable - greylisting - https://community.mimecast.com/docs/DOC-1369#451',
    ],
    [
      'block policy',
      '550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550',
    ],
    [
      'block blocked',
      '554 Email rejected due to security policies - IP blocked - https://community.mimecast.com/docs/DOC-1369#554',
    ],
    [
      'sender authentication',
      '550 Rejected by header based Anti-Spoofing policy: morning@course.example - DMARC Sender Invalid',
    ],
    ['block blocked', '554 Blocked - see https://ipcheck.proofpoint.com/?ip=198.51.100.7'],
    ['hard no_such_user', '550 5.1.1 User Unknown'],
    [
      'block blocked',
      '550 permanent failure for one or more recipients (ada@reader.example:blocked)',
    ],
    [
      'hard no_such_user',
      '550 permanent failure for one or more recipients (ada@reader.example:550 No such user here)',
    ],
    [
      'block blocked',
      '554 Service unavailable; Client host [mail.course.example] blocked using Barracuda Reputation; http://bbl.barracudacentral.com/q.cgi?ip=198.51.100.7',
    ],
    ['hard no_such_user', '550-Invalid recipient ada@reader.example (#5.1.1)'],
    [
      'block blocked',
      '501 Connection rejected by policy [7.7] 12345, please visit www.messagelabs.com/support for more details about this error message: your IP is listed',
    ],
    [
      'block blocked',
      '553-mail rejected because your IP is in the PBL. See http://www.spamhaus.org/pbl',
    ],
    ['hard no_such_user', '550 #5.1.0 Address rejected.'],
    [
      'block blocked',
      "554-esa1.reader.example\n554 Your access to this mail server has been rejected due to the sending MTA's poor reputation. If you believe that this is in error, contact the recipient.",
    ],
    ['soft rate_limited', '452 #4.5.3 Too many recipients received this hour'],
    [
      'block blocked',
      '550 5.7.1 Mail from 198.51.100.7 was rejected: listed at dnsbl.sorbs.example',
    ],
    [
      'block blocked',
      '550 High probability of spam. Blocked by SpamExperts. Your IP is blacklisted',
    ],
    ['block spam', '554 5.7.1 Message rejected because of suspected spam content (Cloudmark CSI)'],
    [
      'block blocked',
      '550 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/198.51.100.7',
    ],
    [
      'block blocked',
      '550 5.7.1 Service unavailable; client [198.51.100.7] blocked using Trend Micro RBL+. Please see http://www.mail-abuse.com/cgi-bin/lookup?ip_address=198.51.100.7',
    ],
    ['block relaying_denied', '550 5.7.1 Unable to relay for ada@reader.example'],
    ['block relaying_denied', '554 5.7.1 <ada@reader.example>: Relay access denied'],
    [
      'block relaying_denied',
      "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    ],
    ['block relaying_denied', '550 5.1.1 relaying denied, user unknown'],
    [
      'sender policy',
      '550 5.1.8 <morning@course.example>: Sender address rejected: Domain not found',
    ],
    [
      'sender policy',
      '550-Verification failed for <morning@course.example>\n550-No such user here\n550 Sender verify failed',
    ],
    [
      'sender authentication',
      '550 5.7.23 The message was rejected because of Sender Policy Framework violation',
    ],
    ['sender tls', '530 5.7.0 Must issue a STARTTLS command first'],
  ],
  hosts: [
    [
      'hard no_such_user',
      '550 5.1.1 <ada@reader.example>: Recipient address rejected: User unknown in local recipient table',
    ],
    [
      'hard no_such_user',
      '550 5.1.1 <ada@reader.example>: Recipient address rejected: User unknown in relay recipient table',
    ],
    ['hard no_such_user', '550 no mailbox by that name is currently available'],
    ['hard no_such_user', '550 5.1.1 <ada@reader.example>... User unknown'],
    ['hard no_such_user', '550 <ada@reader.example>, Recipient unknown'],
    ['hard no_such_user', '550 unknown user account'],
    ['hard no_such_user', '553 5.3.0 <ada@reader.example>... No such user here'],
    ['hard no_such_user', '550 No Such User Here"'],
    ['hard no_such_user', '511 sorry, no mailbox here by that name (#5.1.1 - chkuser)'],
    ['hard no_such_user', '550 Account <ada@reader.example> does not exist'],
    ['hard moved', '551 5.1.6 User has moved to a new address, no forwarding'],
    ['hard no_such_domain', '556 5.1.10 Recipient address has null MX'],
    ['hard no_such_domain', '550 5.1.2 Host unknown (Name server: reader.example: host not found)'],
    ['disabled disabled', '550 5.1.1 The account is disabled'],
    ['disabled disabled', '550 mailbox is inactive'],
    ['disabled disabled', '525 5.7.13 Disabled recipient address'.replace('5.7.13', '5.2.1')],
    ['soft mailbox_full', '550 5.1.1 ada@reader.example: user unknown or mailbox full'],
    [
      'soft greylisted',
      '450 4.2.0 <ada@reader.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/',
    ],
    [
      'soft greylisted',
      '451 4.7.1 Greylisting in action, please come back in 00:05:00; user unknown',
    ],
    ['soft system', '451 4.3.0 <ada@reader.example>: Temporary lookup failure'],
    ['soft other', '550 mailbox unavailable'],
    ['block spam', '550 5.1.1 spam detected, user unknown'],
    ['block blocked', '550 5.1.1 User unknown or blocked: your host is blacklisted'],
    ['block policy', '550 5.1.1 Recipient rejected by policy'],
    ['block policy', '554 Transaction failed'],
    ['block policy', '550 5.7.1 Command rejected'],
    ['message too_big', '552 5.3.4 Message size exceeds fixed maximum message size'],
    ['message too_big', '552 5.2.3 Message exceeds local size limit'],
    ['message smtputf8', '553 5.6.7 SMTPUTF8 is required, but was not offered'],
    ['message content', '554 5.6.0 Message contains invalid header'],
    [
      'message content',
      '550 5.6.1 Message content rejected, UBE, virus found'.replace('UBE, ', ''),
    ],
    ['soft dns', '451 4.4.3 Temporary DNS failure'],
    ['soft system', '550 5.3.0 unknown mailer error 1'],
    ['soft system', '432 4.3.2 STOREDRV.ClientSubmit; recipient thread limit exceeded'],
  ],
}

export const replies: readonly Expected[] = Object.entries(REPLIES).flatMap(([maker, list]) =>
  list.map(([what, reply], index) =>
    expected(`${maker} ${index + 1}: ${reply.slice(0, 50)}`, `bounce ${what}`, postfix(reply)),
  ),
)
