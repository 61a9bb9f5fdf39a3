/**
 * `node load.mjs`: for each line `PORT MILLISECONDS` on its input, sends requests to the server at this port as fast as it
 * answers, and prints the number of answers a second. The connections are kept alive.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const connections = 16;
const endOfHead = '\r\n\r\n';

/** Sends one request after the other until `isOver` returns true. Returns the number of complete answers. */
async function sendRequests(port, number, isOver) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay(true);
  await once(socket, 'connect');
  const request = `GET /${'x'.repeat(number % 7)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  let answers = 0;
  let received = '';
  socket.write(request);
  for await (const text of socket) {
    received += text;
    const head = received.indexOf(endOfHead);
    if (head < 0) continue;
    const length = Number(/content-length: (\d+)/i.exec(received)[1]);
    if (received.length < head + endOfHead.length + length) continue;
    answers++;
    received = '';
    if (isOver()) break;
    socket.write(request);
  }
  return answers;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [port, durationMs] = line.split(' ').map(Number);
  const startMs = performance.now();
  const isOver = () => performance.now() - startMs > durationMs;
  const counts = await Promise.all(
    Array.from({ length: connections }, (_, number) => sendRequests(port, number, isOver)),
  );
  console.log((counts.reduce((sum, count) => sum + count, 0) / (performance.now() - startMs)) * 1000);
}
