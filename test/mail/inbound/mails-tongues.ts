/** Mails in many languages, and in the charsets of their time. */
import { type Expected, expected } from './expected.ts'
import { encoded, header, RECIPIENT, textMail } from './shapes.ts'
import { server } from './shapes-more.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'

const tongue = (
  name: string,
  what: string,
  charset: string,
  text: string,
  subject: string | ReturnType<typeof encoded> = 'failure notice',
  from = 'MAILER-DAEMON@mx.reader.example',
  as: 'plain' | 'quoted' | 'base64' = 'plain',
) => expected(name, what, textMail({ from, subject }, encoded(charset, text), as))

export const tongues: readonly Expected[] = [
  tongue(
    'docomo',
    hard,
    'iso-2022-jp',
    'GyRCPCEkTiQiJEZAaCRYJE4lYSVDJTshPCU4JE8lKCVpITwkTiQ/JGFBdz8uJEckLSReJDskcyRHJDckPyEjGyhCChskQkF3Py5AaCVhITwlayUiJUklbCU5JCw4KyREJCskaSRKJCQkKyEiGyhCChskQkF3Py5AaCVhITwlayU1ITwlUCROO3ZNMyRLJGgkakF3Py4kRyQtJF4kOyRzJEckNyQ/ISMbKEIKGyRCJWEhPCVrJSIlSSVsJTkkciQ0M05HJyROPmUhIjpGQXc/LiQ3JEYkLyRAJDUkJCEjGyhCCgo8PBskQjwhJE4lIiVJJWwlOSRYJE4lYSVDJTshPCU4JE8lKCVpITwkTiQ/JGFBdz8uJEckLSReJDskcyRHJDckPyEjGyhCPj4KCiAgPGFkYUByZWFkZXIuZXhhbXBsZT46IBskQjA4QGgkTiVhITwlayUiJUklbCU5JCw4KyREJCskaiReJDskcxsoQgo=',
    encoded('iso-2022-jp', 'GyRCPDpHVERMQ04bKEI='),
  ),
  tongue(
    'softbank',
    full,
    'iso-2022-jp',
    'GyRCJWEhPCVrJHJBdz8uJEckLSReJDskcyRHJDckPyEjGyhCCgo8YWRhQHJlYWRlci5leGFtcGxlPgobJEI8dT8uPFQkTiVhITwlayVcJUMlLyU5JCwkJCRDJFEkJCROJD8kYSEiR1s/LiRHJC0kXiQ7JHMkRyQ3JD8hIxsoQgo=',
  ),
  tongue(
    'kddi',
    hard,
    'shift_jis',
    'iMiJuoLMg4GBW4OLgs2UepBNgsWCq4LcgrmC8YLFgrWCvYFCCgo8YWRhQHJlYWRlci5leGFtcGxlPgqKWZOWgreC6YNBg2iDjINYgs2Rto3dgrWC3IK5gvGBQgo=',
  ),
  tongue(
    'qq',
    hard,
    'gb2312',
    'safHuKOsxPq1xNPKvP6xu83Lu9jAtMHLoa2hrQoKytW8/sjL08q8/rXY1rejqGFkYUByZWFkZXIuZXhhbXBsZaOpsru05tTao6zTyrz+zt63qMvNtO+howoKPGFkYUByZWFkZXIuZXhhbXBsZT46IMrVvP7Iy9PKvP612Na3sru05tTaCg==',
    encoded('gb2312', 'z7XNs83L0MU='),
    'PostMaster@qq.example',
    'base64',
  ),
  tongue(
    'sina',
    full,
    'gb2312',
    'utyxp8e4o6zE+rXE08q8/s7et6jNtrXdoaMKPGFkYUByZWFkZXIuZXhhbXBsZT46IMrVvP7Iy9PKz+TS0cL6Cg==',
  ),
  tongue(
    'mail.ru',
    hard,
    'koi8-r',
    '/NTPINDJ09jNzyDTz9rEwc7PIMHX1M/NwdTJ3sXTy8kg08XS18XSz80sIM/U18XewdTYIM7BIM7Fx88gzsUgztXWzs8uCgrrINPP1sHMxc7JwCwg98HbxSDQydPYzc8gzsUgzc/WxdQgwtnU2CDEz9PUwdfMxc7PIM/Ezs/N1SDJzMkgzsXTy8/M2MvJzSDQz8zV3sHUxczRzToKCmFkYUByZWFkZXIuZXhhbXBsZQogICAg8M/M2NrP18HUxczYIM7FIM7BysTFzgo=',
    encoded('koi8-r', '7sXEz9PUwdfMxc7Oz8Ug08/Pwt3FzsnF'),
  ),
  tongue(
    'yandex',
    full,
    'windows-1251',
    'wuD45SDx7u7h+eXt6OUg7eUg7O7m5fIg4fvy/CDk7vHy4OLr5e3uOgoKPGFkYUByZWFkZXIuZXhhbXBsZT46IO/u9/Lu4vvpIP/56Oog7+Xw5e/u6+3l7Qo=',
    encoded('windows-1251', 'zvjo4ergIOTu8fLg4uro'),
  ),
  tongue(
    't-online',
    hard,
    'iso-8859-1',
    'SWhyZSBOYWNocmljaHQga29ubnRlIG5pY2h0IHp1Z2VzdGVsbHQgd2VyZGVuLgoKRGVyIGZvbGdlbmRlIEVtcGbkbmdlciBpc3QgYmV0cm9mZmVuOgphZGFAcmVhZGVyLmV4YW1wbGUKICAgIEVtcGbkbmdlciB1bmJla2FubnQgKEFkcmVzc2UgZXhpc3RpZXJ0IG5pY2h0KQo=',
    encoded('iso-8859-1', 'VW56dXN0ZWxsYmFyOiBUYWcgNyBm/HIgU2ll'),
    'Mail Delivery System <mailer-daemon@kundenserver.example>',
    'quoted',
  ),
  tongue(
    'naver',
    hard,
    'euc-kr',
    'uN7Az8DMIMD8vNu1x8H2ILj4x9+9wLTPtNkuCgq53rTCILvntvc6IGFkYUByZWFkZXIuZXhhbXBsZQq9x8bQIMDMwK86IMG4wOfHz8H2IL7KtMIgu+e/68DawNS0z7TZLgo=',
    encoded('euc-kr', 'uN7AzyDA/LzbIL3HxtAgvsizuw=='),
    'postmaster@naver.example',
  ),
  tongue(
    'hinet',
    hard,
    'big5',
    'sXqqurZspfO1TKprtse7vKFDCgo8YWRhQHJlYWRlci5leGFtcGxlPjogpqyl86RItmyl86Zhp32ko6ZzpmIK',
    encoded('big5', 'tmyl87Boq0izcaq+'),
  ),
  expected(
    'a charset that nobody knows',
    hard,
    textMail(
      { subject: 'failure notice' },
      { charset: 'x-unknown-9', bytes: `<${RECIPIENT}>:\n550 5.1.1 user unknown\n` },
    ),
  ),
  expected(
    'french',
    hard,
    server(
      'postmaster@reader.example',
      header('Échec de la remise'),
      `Votre message n'a pas pu être remis à :\n${RECIPIENT}\n\nUtilisateur inconnu\n`,
    ),
  ),
  expected(
    'spanish',
    full,
    server(
      'postmaster@reader.example',
      'No se ha podido entregar el mensaje',
      `No se pudo entregar su mensaje a:\n${RECIPIENT}\nEl buzón está lleno\n`,
    ),
  ),
  expected(
    'portuguese',
    hard,
    server(
      'postmaster@reader.example',
      'Falha na entrega',
      `Não foi possível entregar:\n${RECIPIENT}\nUsuário desconhecido\n`,
    ),
  ),
  expected(
    'italian',
    hard,
    server(
      'postmaster@reader.example',
      'Mancato recapito',
      `Impossibile recapitare il messaggio a:\n${RECIPIENT}\nUtente sconosciuto\n`,
    ),
  ),
]
