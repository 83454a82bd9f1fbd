/**
 * What servers say about an address in further languages, and about a mailbox or a domain. Phrases
 * for bounce-text.ts: separated by ` / `, with `…` for a few words in between.
 */

/** Continues NO_SUCH_USER of bounce-words-address.ts. */
export const NO_SUCH_USER_ELSEWHERE = `
  # Dutch, Polish, Czech, Turkish, Hungarian, the North
  gebruiker onbekend / onbekende gebruiker / onbekende ontvanger / adres bestaat niet
  adres … kan niet worden gevonden / nieznany uzytkownik / nie ma takiego uzytkownika
  uzytkownik nie istnieje / konto nie istnieje / adres nie istnieje / nie ma takiego konta
  uzivatel neexistuje / adresa neexistuje / kullanici bulunamadi / boyle bir kullanici yok
  ismeretlen felhasznalo / okand anvandare / okand mottagare / ukendt modtager / ukjent mottaker
  # Russian, Ukrainian
  пользователь не найден / пользователя не существует / пользователь не существует
  получатель не найден / нет такого пользователя / неизвестный пользователь
  такого адреса не существует / адрес не существует / адреса не существует / адресат не найден
  почтовый ящик не найден / почтового ящика не существует / ящик не существует / ящик удален
  користувача не знайдено
  # Japanese
  宛先のメールアドレスが見つかりません / アドレスが見つかりません / メールアドレスは存在しません / アドレスが存在しません / アドレスは存在しません / ユーザーが存在しません
  ユーザは存在しません / ユーザが存在しません / 宛先不明 / 宛先が見つかりません / あて先が見つかりません / 該当するユーザーは存在しません / 該当するアドレスは存在しません
  受信者が見つかりません / メールボックスが存在しません
  # Chinese
  收件人不存在 / 收件人地址不存在 / 收件人邮件地址不存在 / 收件人帐号不存在 / 收件人账号不存在 / 邮箱不存在 / 用户不存在 / 找不到用户 / 找不到收件人 / 不存在的用户
  帐号不存在 / 账号不存在 / 地址不存在 / 收件人郵件地址不存在 / 使用者不存在 / 找不到收件者 / 无此用户 / 無此使用者
  # Korean
  존재하지 않는 사용자 / 존재하지 않는 메일 / 존재하지 않는 이메일 / 존재하지 않는 계정 / 존재하지 않는 주소 / 수신자를 찾을 수 없 / 받는 사람을 찾을 수 없
  없는 사용자 / 없는 계정 / 사용자가 존재하지 않 / 수신자가 존재하지 않
`

/** Says plainly that the domain does not exist, or accepts no mail at all (RFC 7505). */
export const NO_SUCH_DOMAIN = `
  host unknown / unknown host / no such host / no such domain / unknown domain / domain unknown
  domain does not exist / domain … does not exist / domain name … does not exist / nxdomain
  non existent domain / nonexistent domain / domain not found / bad destination system address
  bad destination system / infodomainnonexistent / could not find any host named / null mx
  nullmx / domain … does not accept mail / domain of recipient … does not accept
  does not accept mail nullmx / illegal host domain name found / unrouteable mail domain
  unroutable mail domain / メールアドレスのドメインが見つかりません / ドメインが見つかりません / 域名不存在 / 找不到域名 / домен не найден
  domaine inconnu / domaine … n existe pas / el dominio … no existe / dominio inesistente
  domain existiert nicht
`

/** Says that the address may not exist, among other possibilities: the server does not know. */
export const UNSURE = `
  may not exist / might not exist / does not exist or / unknown or unavailable
`

/** The person has moved, and this address is no longer in use. */
export const MOVED = `
  user has moved / user … has moved / mailbox has moved / has moved to a new address
  destination mailbox has moved / address has changed to / user not local please try
  no forwarding address
`

/** The mailbox exists but is disabled, perhaps temporarily. */
export const DISABLED = `
  no longer available / no longer active / no longer in service / no longer accepting mail
  account disabled / account … disabled / account … is disabled / account has been disabled
  account is disabled / account inactive / account is inactive / account is not active
  account not active / account … is inactive / account suspended / account … suspended
  account … is suspended / account locked / account … locked / account is locked
  account has been locked / account expired / account has expired
  account is temporarily unavailable / account … deactivated / account … closed
  account … discontinued / account … blocked for inactivity / mailbox disabled
  mailbox … disabled / mailbox is inactive / mailbox … inactive / mailbox suspended
  mailbox … suspended / mailbox … deactivated / mailbox is frozen / mailbox … frozen
  mailbox … blocked / mailbox … locked / mailbox … expired
  mailbox currently unavailable inactive / user disabled / user is disabled / user … disabled
  user is inactive / user … inactive / user suspended / user … suspended / user deactivated
  inactive user / inactive account / inactive mailbox / inactive recipient / disabled user
  disabled account / disabled mailbox / suspended account / extended inactive
  extended period of inactivity / recipient is inactive / recipient disabled
  recipient … disabled / address … disabled / address is inactive / address … deactivated
  not accepting messages / not accepting mail / no longer accepts mail / mailbox closed
  email account … inactive / domain … suspended / domain … expired / domain has been disabled
  konto gesperrt / konto deaktiviert / postfach … deaktiviert / postfach … gesperrt
  compte desactive / compte … desactive / compte … suspendu / boite … desactivee
  account disattivato / casella disabilitata / casella … disabilitata / casella … disattivata
  cuenta … desactivada / cuenta … suspendida / buzon … desactivado / conta … desativada
  conta … suspensa / conta … inativa / ящик заблокирован / ящик … заблокирован / ящик … отключен
  аккаунт заблокирован / учетная запись … заблокирована / アカウントは無効 / 受信者のアカウントは停止 / 利用停止 / 邮箱已停用
  帐号已停用 / 用户被锁定 / 用户已被禁用 / 邮箱被冻结 / 휴면 / 정지된 / 비활성화된 계정
`

export const MAILBOX_FULL = `
  number of messages in recipient … mailbox exceeded / temporarily over quota
  mailbox full / mailbox is full / mailbox … full / mailfolder is full / inbox is full
  inbox … full / folder is full / account is full / user is full / over quota / overquota
  over the quota / over its quota / over their quota / over disk quota
  over maximum allowed quota / over storage / over the allowed / over its disk / exceeds quota
  exceeded quota / quota exceeded / quota exceed / quota … exceeded / quota full / quota … full
  quota is full / quota limit / quota violation / quotaexceeded / out of quota / exceed … quota
  exceeded … quota / exceeds … quota / exceeded the quota / exceeded its quota
  exceeded his quota / exceeded … storage / exceeded … space / exceeds … storage
  exceeding … storage / exceeds … mailbox size / exceeded … mailbox size / mailbox size limit
  mailbox … exceeded / mailbox … exceeds / mailbox … over the limit / mailbox has exceeded
  mailbox … too large / mailbox … size limit / storage limit / storage … full / storage quota
  storage exceeded / exceeded allocated storage / exceeded storage allocation / out of storage
  insufficient … storage … mailbox / insufficient mailbox space / insufficient disk space for
  not enough … space … mailbox / not enough storage space / no space left … mailbox / disk quota
  user has too many messages / too many messages … mailbox / too much mail data
  maildir … quota / would exceed quota / message would exceed
  dd requested mail action aborted mailbox not found full / postfach … voll / postfach ist voll
  posteingang … voll / speicherplatz … uberschritten / speicherplatz … erschopft
  boite … pleine / boite … saturee / quota depasse / quota … depasse / espace … insuffisant
  casella … piena / casella piena / quota superata / spazio … esaurito / buzon … lleno
  buzon lleno / cuota excedida / cuota … excedida / bandeja … llena / caixa … cheia
  cota excedida / quota excedida / espaco … insuficiente / mailbox … vol / postvak … vol
  skrzynka … pelna / skrzynka … przepelniona / ящик переполнен / ящик … переполнен
  превышен … размер … ящика / превышена квота / メールボックスがいっぱい / メールボックスの容量 / 受信容量 / 容量を超え
  容量オーバー / 邮箱已满 / 郵箱已滿 / 邮箱空间已满 / 邮箱空间不足 / 收件箱已满 / 收件人邮箱已满 / 信箱已滿 / 超出配额 / 용량이 초과 / 용량 초과
  메일함이 가득 / 저장 용량
`
