"""The smallest MQTT 3.1.1 client a printer's side needs (OASIS standard, sections 2 and 3): QoS 0 and 1, clean sessions.

Written apart from the service's and from the virtual printer's code. A thread reads; nothing reconnects by itself.
"""

import itertools
import queue
import socket
import struct
import threading

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 8, 9, 14
ANSWER_S = 5


class MqttError(Exception):
    pass


class Client:
    """`on_message(payload)` is called by the reading thread for what comes on any subscribed topic."""

    def __init__(self, address, on_message=None, tls=None, client_id="", user=None, password=None):
        self.on_message = on_message
        self.answers, self.numbers, self.writing = queue.Queue(), itertools.cycle(range(1, 0xFFFF)), threading.Lock()
        self.socket = socket.create_connection(address, timeout=ANSWER_S)
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.socket = tls.wrap_socket(self.socket)
            self.file = self.socket.makefile("rb")
            flags = 0x02 | (0xC0 if user is not None else 0)
            # Keep alive 0: a broker that is frozen for a while must find us still there.
            body = text("MQTT") + bytes([4, flags, 0, 0]) + text(client_id)
            self.send(CONNECT << 4, body + (text(user) + text(password) if user is not None else b""))
            kind, answer = self.read()
            if kind >> 4 != CONNACK or answer[1]:
                raise MqttError(f"CONNACK {answer[1]}" if kind >> 4 == CONNACK else f"packet {kind:#x} for a CONNACK")
        except Exception:
            self.socket.close()
            raise
        self.socket.settimeout(None)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def subscribe(self, topic):
        number = struct.pack("!H", next(self.numbers))
        self.send(SUBSCRIBE << 4 | 2, number + text(topic) + b"\0")
        try:
            answer = self.answers.get(timeout=ANSWER_S)
        except queue.Empty:
            raise MqttError("no SUBACK") from None
        if answer is None or answer[2] == 0x80:
            raise MqttError("the subscription is refused")

    def publish(self, topic, payload):
        self.send(PUBLISH << 4, text(topic) + payload)

    def listen(self):
        try:
            while True:
                kind, body = self.read()
                if kind >> 4 == PUBLISH:
                    self.take(kind, body)
                elif kind >> 4 == SUBACK:
                    self.answers.put(body)
        except (OSError, ValueError, MqttError):
            self.answers.put(None)

    def take(self, kind, body):
        start = 2 + struct.unpack_from("!H", body)[0]
        if kind & 0x06:
            self.send(PUBACK << 4, body[start:start + 2])
            start += 2
        if self.on_message:
            self.on_message(body[start:])

    def send(self, kind, body):
        length, size = bytearray(), len(body)
        while True:
            size, digit = size >> 7, size & 0x7F
            length.append(digit | (0x80 if size else 0))
            if not size:
                break
        with self.writing:
            self.socket.sendall(bytes([kind]) + length + body)

    def read(self):
        kind, size = self.exactly(1)[0], 0
        for place in range(4):
            digit = self.exactly(1)[0]
            size |= (digit & 0x7F) << 7 * place
            if not digit & 0x80:
                return kind, self.exactly(size)
        raise MqttError("a length of more than four bytes")

    def exactly(self, size):
        data = self.file.read(size)
        if len(data) < size:
            raise MqttError("the broker hung up")
        return data

    def alive(self):
        return self.thread.is_alive()

    def close(self):
        try:
            self.send(DISCONNECT << 4, b"")
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def text(words):
    data = words.encode()
    return struct.pack("!H", len(data)) + data
