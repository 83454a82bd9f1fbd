"""A relay on aiosmtpd: hands on each mail as it came, before it says yes. Limits connections, and mails over one.

Usage: aiosmtpd_relay.py <port> <port of the next server> <limit>
"""

import asyncio
import smtplib
import sys

from aiosmtpd.smtp import SMTP

port, next_port, limit = map(int, sys.argv[1:])
connections = 0


class Relay:
    async def handle_DATA(self, server, session, envelope):
        await asyncio.to_thread(hand_on, envelope)
        return "250 handed on"


def hand_on(envelope):
    with smtplib.SMTP("127.0.0.1", next_port, local_hostname="relay.example") as client:
        client.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.original_content)


class Limited(SMTP):
    def connection_made(self, transport):
        global connections
        connections += 1
        if connections > limit:
            print("421 too many connections", flush=True)
            transport.write(b"421 4.7.0 too many connections\r\n")
        super().connection_made(transport)
        if connections > limit:
            transport.close()

    def connection_lost(self, error):
        global connections
        connections -= 1
        super().connection_lost(error)


async def main():
    limits = {"*": 10 * limit, "MAIL": limit}
    make = lambda: Limited(Relay(), hostname="relay.example", command_call_limit=limits)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
