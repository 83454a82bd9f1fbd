/**
 * What servers say when an address does not exist, in English first, then by language. Phrases for
 * bounce-text.ts: separated by ` / `, with `…` for a few words in between.
 */

/** Says plainly that nobody has the address. */
export const NO_SUCH_USER = `
  user unknown / no valid recipients for this mm / recipient no longer on server / unknown user / invalid final delivery userid / recipient name is not recognized / unknown … user / unrouteable address / unroutable address
  unrouteable user / user … unknown / user is unknown / no such user / no such … user
  there is no such user / no such recipient / no such mailbox / no such address
  no such account / no such person / no such local user / no such email / no such customer
  not a known user / not a valid mailbox / not a valid user / not a valid recipient
  not a valid email address / not a valid address / not a local user / is not a registered
  is not our customer / is not our user / unknown recipient / recipient unknown
  recipient … unknown / unknown or illegal alias / unknown mailbox / unknown address
  unknown local part / unknown local user / unknown account / unknown virtual / address unknown
  mailbox unknown / account unknown / account is unknown / user not found / user … not found
  recipient not found / recipient … not found / mailbox not found / mailbox … not found
  account not found / address not found / email address could not be found
  address could not be found / recipient could not be found / was not found at
  no mailbox found / no mailbox here / no mailbox by that name / no mailbox with that name
  no mailbox here by that name / no account by that name / no account with that name
  no user by that name / no user with that name / not have an account here
  does not have a … account / no such email address / email address does not exist
  address does not exist / address no longer exists / address does no longer exist
  user does not exist / user … does not exist / user no longer exists / recipient does not exist
  recipient address does not exist / recipient no longer exists / mailbox does not exist
  mailbox … does not exist / mailbox no longer exists / account does not exist
  account … does not exist / account that you tried to reach does not exist
  account no longer exists / account has been deleted / account was deleted
  mailbox has been deleted / mailbox … was deleted / user has been deleted
  address has been deleted / alias does not exist
  user not exist / user … not exist / mailbox not exist / recipient not exist
  address not exist / not existing user / non existent user / non existing user
  nonexistent user / user nonexistent / nonexistent mailbox / nonexistent address
  nonexistent email / not exists in recipient / user not known / recipient not known
  recipients not known / mailbox name not allowed … does not exist / user name not recognized
  user not listed in / user … not listed in domino directory
  user … not listed in public name address book / not listed in domino directory
  not found in directory / not in directory / name not in address book / not found in ldap
  unrecognized user / unrecognized recipient / no longer employed / no longer works here
  resolver adr recipnotfound / resolver adr recipientnotfound / resolver adr exrecipnotfound
  recipnotfound / recipientnotfound / recipient not found by smtp address lookup
  bad destination mailbox address / bad destination email address / bad destination mailbox
  no local mailbox / mailbox for … does not exist / invalid mailbox
  invalid recipient / invalid recipients / recipient invalid / recipient is invalid
  recipient address is invalid
  invalid destination mailbox / invalid local part / mailbox is invalid / user is invalid
  user invalid / not a valid alias / no one by that name / nobody here by that name
  nobody with that name / address no longer in use / address is no longer in use
  address is no longer valid / email address is not valid / email address is incorrect
  is not a valid email / addressee unknown / unable to find recipient
  unable to find alias user / can not find the recipient / can not find recipient
  could not find the recipient / can not find your recipient / can not find your receipient
  user can not be found / account can not be found / is not a user here / no such name
  recipient rejected no such / vpopmail no such / local user not found
  there is no one at this address / there is no user / there is no account / there is no mailbox
  # German
  empfanger unbekannt / unbekannter empfanger / benutzer unbekannt / unbekannter benutzer
  unbekannte adresse / unbekannte email adresse / adresse … existiert nicht
  postfach existiert nicht / empfanger existiert nicht / empfanger … nicht gefunden
  email adresse … nicht gefunden / email adresse konnte nicht gefunden werden
  adresse ist nicht vorhanden / adresse ist uns nicht bekannt
  # French
  utilisateur inconnu / utilisateur … inconnu / destinataire inconnu / adresse inconnue
  adresse email inexistante / adresse … inexistante / adresse … n existe pas
  adresse … introuvable / destinataire inexistant / boite … inexistante / boite … n existe pas
  compte … n existe pas / adresse d au moins un destinataire invalide
  # Italian
  utente sconosciuto / utente … sconosciuto / utente non trovato / utente inesistente
  destinatario sconosciuto / destinatario inesistente / casella inesistente
  casella … inesistente / indirizzo inesistente / indirizzo … non esiste / casella … non esiste
  utente non valido
  # Spanish, Portuguese
  usuario desconocido / usuario no existe / usuario … no existe / usuario inexistente
  el buzon no existe / buzon … no existe / destinatario desconocido / direccion … no existe
  la cuenta … no existe / no se encontro la direccion / no se ha encontrado la direccion
  usuario desconhecido / usuario nao existe / usuario … nao existe / destinatario desconhecido
  destinatario nao encontrado / endereco … nao existe / endereco … nao encontrado
  endereco inexistente / caixa postal … inexistente / conta … nao existe / conta inexistente
`

/** May just as well refer to an address in our header. */
export const PERHAPS_NO_SUCH_USER = `
  invalid address / invalid email address / invalid user
`
