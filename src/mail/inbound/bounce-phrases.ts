/**
 * Phrases that identify an unstructured mail as a bounce, a delay or a success. Syntax of
 * src/domain/bounce-text.ts: separated by ` / `, `…` for a few words between, `*` for any ending.
 */
import { phraseMatcher } from '../../domain/bounce-text.ts'

/**
 * Local parts from which servers report undeliverable mail and people do not write. Names such as
 * admin or root are shared with people, and prove nothing.
 */
export const DAEMON =
  /^["'(\s]*(?:mailer-?_?daemon|mail-?daemon|mdaemon|post-?master|postmast|bounces?|mail-?bounces?|mail-?delivery(?:-?sub-?system)?|mdsn|returned-?mail|mail-?system|microsoftexchange[0-9a-f]+|nobody|daemon|bounce-?[\w.-]*|undeliver\w*|failure|ndr|dsn|imss|symantec\w*)(?=["'\\]*(?:@|$))/i

/** Display names from which servers do. */
export const isDaemonName = phraseMatcher(`
  mailer daemon / mail daemon / mail delivery system / mail delivery subsystem / mail delivery
  mail delivery service / delivery subsystem / delivery system / mail router / mail administrator
  mail system / mail gateway / mail server / postmaster / post master / system administrator
  systemadministrator / internet mail delivery / microsoft exchange / microsoft outlook
  delivery notification / delivery status / delivery failure / undeliver* / bounce*
  administrador del sistema / administrateur systeme / amministratore di sistema
  メール配信 / メール配送 / 系统管理员 / 系统退信 / 系統管理員 / 메일시스템 / 메일 시스템
`)

/** Phrases in subjects of bounces, in the languages of the large servers. */
export const isBounceSubject = phraseMatcher(`
  undeliver* / undelivered* / non deliver* / nondeliver* / not deliver* / returned mail
  returned message / returned to sender / returned email / return to sender / mail returned / mail bounced
  delivery status / delivery failure / delivery failed / delivery problem* / delivery error*
  delivery report / delivery has failed / delivery unsuccessful / delivery incomplete
  delivery delayed / delivery not possible / delivery notification / failure notice
  failure delivery / failed delivery / mail delivery / mail system / mail error / mail failure
  mail failed / failed mail / message delivery / message not delivered / message status
  message could not / mail could not / could not be delivered / could not send / can not be delivered
  can not deliver / unable to deliver / error sending / error delivering / error in mail
  bounced mail / bounced message / bounce / user unknown / unknown user / rejected mail
  rejected message / rejected posting / mail rejected / message rejected
  warning could not send / warning message / delayed mail / message delayed / postmaster notify
  email not delivered / email delivery / email could not / quota exceed* / dead letter
  failure / failed / not be delivered / was not delivered / automatically rejected
  # German, Dutch, the North
  unzustellbar* / nicht zustellbar* / zustellung* / nicht zugestellt / ubermittlungsstatus
  onbestelbaar / niet bezorgd / niet afgeleverd / olevererbart / kan inte levereras
  ikke leveret / kan ikke leveres / ei voi toimittaa / ei toimitettu / kunne ikke leveres
  # French, Italian, Spanish, Portuguese, Romanian
  non remis* / non distribuable / non delivre* / échec de remise / échec de la remise
  échec de distribution / échec de la distribution / échec de livraison / état de remise
  état de la remise / impossible de remettre / message d'erreur / non recapitabile
  mancato recapito / recapito / non consegnat* / impossibile recapitare
  impossibile consegnare / no se puede entregar / no se pudo entregar / no se ha podido entregar
  no entregado / no entregable / error de entrega / fallo de entrega / fallo en la entrega
  correo devuelto / mensaje devuelto / não é possível entregar / não entregue / não foi possível
  falha na entrega / erro na entrega / falha de entrega / devolvida / devolução / nelivrat*
  nu poate fi livrat
  # Polish, Czech, Hungarian, Turkish
  niedostarcz* / nie mozna dostarczyc / nie można dostarczyć / nie dostarczono / zwrot poczty
  nedoruc* / nelze doruc* / kézbesíthetetlen / nem kézbesíthető / teslim edileme* / iletileme*
  # Russian, Greek, Arabic, Hebrew
  недостав* / не доставлен* / не может быть доставлен* / ошибка доставки / сбой доставки
  возврат почты / возврат письма / не удалось доставить / ανεπίδοτο / αποτυχία παράδοσης
  غير قابل للتسليم / تعذر تسليم / לא ניתן למסירה
  # Japanese, Chinese, Korean
  配信不能 / 配信できません / 未配信 / 送信できません / 配達不能 / 送達できません / 届けられません
  送信エラー / 配信エラー / 配信失敗 / エラーメール / 不達 / 配信されません / 配信未完了
  無法傳遞 / 无法送达 / 无法投递 / 未送达 / 退信 / 退件 / 投递失败 / 传递失败 / 發送失敗 / 发送失败
  邮件传输失败 / 传输失败 / 发送错误 / 반송 / 전달되지 않 / 배달되지 않 / 배달실패 / 배달 실패 / 전송실패 / 전송 실패
  전달 실패 / 전달실패 / 보낼 수 없 / 수신 실패 / 발송 실패 / 발송실패
`)

/** Phrases that only a server writes about a failed mail. */
export const hasFailed = phraseMatcher(`
  could not be delivered / can not be delivered / can not deliver / could not deliver
  was not able to deliver / were not able to deliver / wasn't able to deliver / was not delivered
  wasn't delivered / were unable to deliver / unable to deliver / not able to deliver / not been delivered
  undeliver* / undelivered / non deliver* / nondeliver* / did not reach / has failed / have failed
  delivery … failed / failed permanently / delivery failure / failed to deliver / fail to deliver
  failed recipient* / failure to deliver / permanent error / permanent fatal error* / fatal error*
  permanent failure / returned to sender / returned to you / returned mail / bounced
  was rejected / rejected by / been rejected / is rejected / error message / error from remote
  error delivering / error while / error occurred / mail system at host / qmail send
  transcript of session / remote host said / remote server said / remote server returned
  remote host returned / server responded / could not be sent / could not send
  could not forward / no mailbox / reporting mta / user unknown / unknown user / no such user
  problem delivering / not accept* / unknown address / does not exist / is full / over quota
  quota / can not send your message / couldn't be delivered / could not find / not found
  not listed / did not receive / unable to send / not be delivered / delivery error / can not find
  unable to complete / returned because / been returned / encountered an error
  # German, Dutch, French, Italian, Spanish, Portuguese
  unzustellbar* / nicht zugestellt / konnte nicht / konnten nicht / niet worden bezorgd / kon niet
  n'a pas pu / n'a pas été / non remis / n'a pu être / impossible de / impossibile / non è stato
  no se pudo / no se ha podido / no pudo / não pôde / não foi possível / não pode ser
  # Polish, Czech, Russian
  nie mozna / nie można / nie mogla / nie zostala / nelze / не может / не было / не удалось / не был
  не была / не существует / не найден / недостав*
  # Japanese, Chinese, Korean
  できません / できなかった / 届けられ / 配信 / 送信でき / 存在しません / 見つかりません / 失败 / 失敗 / 无法 / 無法 / 退信 / 退回
  不存在 / 실패 / 수 없 / 못했 / 반송 / 존재하지
`)

/** The server still tries. */
export const isDelayed = phraseMatcher(`
  warning message only / do not need to resend / not need to resend / will continue to try / will keep trying / will continue trying
  will continue attempting / will retry / will be retried / will try again / will keep … trying
  has not been delivered … yet / has not yet been delivered / not yet been delivered / not yet delivered
  still being tried / still being retried / still trying / delivery attempts will continue
  no action is required / temporarily delayed / been delayed / is delayed / delivery delayed
  delivery status notification delay / message delayed / keep trying / continue to try
  continue trying / could not send message for past / only a warning / just a warning
  transient non fatal errors / been postponed / delivery … postponed / delivery attempts will
  server will continue / wird weiterhin versucht / weiterhin versucht / verzogert / zustellung verzögert
  retarde / remise retardée / ritardato / ritardata / retrasad* / atrasad* / опаздывает / задержана
  задерживается / отложена / 遅延 / 延迟 / 지연
`)
/** The server has given up, whatever else it says. */
export const isGivenUp = phraseMatcher(`
  given up / giving up / gave up / no longer try* / no longer be tried / will not be retried
  will not retry / will not try / not be retried / has expired / permanent error / permanent fatal error*
  permanent failure / failed permanently / returned message / being returned / been returned
  delivery has been abandoned / attempts … abandoned / not going to try again / retry timeout exceeded
`)

/** The mail arrived. */
export const isDelivered = phraseMatcher(`
  successfully delivered / successfully relayed / successful mail delivery report
  delivered successfully / delivery status notification success / successful delivery
  delivery to the following … succeeded / delivered to the following mailboxes
  successfully sent / erfolgreich zugestellt / remis correctement / consegnato correttamente
`)
